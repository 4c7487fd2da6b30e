package reports

// The parts of an OSCAL assessment results document that are written here, as in the JSON schema of OSCAL 1.1.3
// (https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-reference/). Lists and texts are left out
// when there are none: the schema allows neither an empty list nor an empty text.

type oscalProp struct {
	Name  string `json:"name"` // token
	NS    string `json:"ns"`
	Value string `json:"value"` // one line, without space around it
}

type oscalLink struct {
	Href string `json:"href"`
	Rel  string `json:"rel,omitempty"`
}

type oscalMetadata struct {
	Title        string             `json:"title"`
	LastModified string             `json:"last-modified"`
	Version      string             `json:"version"`
	OSCALVersion string             `json:"oscal-version"`
	Roles        []oscalRole        `json:"roles,omitempty"`
	Parties      []oscalParty       `json:"parties,omitempty"`
	Responsible  []oscalResponsible `json:"responsible-parties,omitempty"`
}

type oscalRole struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type oscalParty struct {
	UUID  string      `json:"uuid"`
	Type  string      `json:"type"` // person, organization
	Name  string      `json:"name,omitempty"`
	Props []oscalProp `json:"props,omitempty"`
}

type oscalResponsible struct {
	RoleID     string   `json:"role-id"`
	PartyUUIDs []string `json:"party-uuids"`
}

type oscalImport struct {
	Href    string `json:"href"`
	Remarks string `json:"remarks,omitempty"`
}

type oscalObjectives struct {
	Objectives []oscalObjective `json:"objectives-and-methods,omitempty"`
}

type oscalObjective struct {
	ControlID   string      `json:"control-id"`
	Description string      `json:"description,omitempty"`
	Props       []oscalProp `json:"props,omitempty"`
	Links       []oscalLink `json:"links,omitempty"`
	Parts       []oscalPart `json:"parts"`
}

type oscalPart struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Prose string `json:"prose,omitempty"`
}

// oscalResultHead are the members of a result before its streamed lists.
type oscalResultHead struct {
	UUID        string      `json:"uuid"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Start       string      `json:"start"`
	End         string      `json:"end"`
	Props       []oscalProp `json:"props,omitempty"`
}

type oscalAssets struct {
	Components []oscalComponent `json:"components"`
	Platforms  []oscalPlatform  `json:"assessment-platforms"`
}

type oscalPlatform struct {
	UUID  string      `json:"uuid"`
	Title string      `json:"title"`
	Props []oscalProp `json:"props,omitempty"`
	Uses  []oscalUses `json:"uses-components"`
}

type oscalUses struct {
	ComponentUUID string `json:"component-uuid"`
}

type oscalComponent struct {
	UUID        string      `json:"uuid"`
	Type        string      `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Props       []oscalProp `json:"props,omitempty"`
	Status      struct {
		State string `json:"state"`
	} `json:"status"`
}

type oscalItem struct {
	UUID        string      `json:"uuid"`
	Description string      `json:"description"`
	Props       []oscalProp `json:"props,omitempty"`
	Implemented []oscalUses `json:"implemented-components"`
}

type oscalReviewed struct {
	Selections []oscalSelection `json:"control-selections"`
}

type oscalSelection struct {
	Description string         `json:"description"`
	Links       []oscalLink    `json:"links,omitempty"`
	Include     []oscalControl `json:"include-controls,omitempty"`
	Exclude     []oscalControl `json:"exclude-controls,omitempty"`
	Remarks     string         `json:"remarks,omitempty"`
}

type oscalControl struct {
	ControlID string `json:"control-id"`
}

type oscalObservation struct {
	UUID        string          `json:"uuid"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Props       []oscalProp     `json:"props,omitempty"`
	Methods     []string        `json:"methods"`
	Types       []string        `json:"types"`
	Origins     []oscalOrigin   `json:"origins"`
	Subjects    []oscalSubject  `json:"subjects"`
	Evidence    []oscalEvidence `json:"relevant-evidence,omitempty"`
	Collected   string          `json:"collected"`
}

type oscalOrigin struct {
	Actors []oscalActor `json:"actors"`
}

type oscalActor struct {
	Type      string `json:"type"`
	ActorUUID string `json:"actor-uuid"`
}

type oscalSubject struct {
	UUID  string `json:"subject-uuid"`
	Type  string `json:"type"`
	Title string `json:"title,omitempty"`
}

type oscalEvidence struct {
	Href        string      `json:"href"`
	Description string      `json:"description"`
	Props       []oscalProp `json:"props,omitempty"`
}

type oscalRisk struct {
	UUID         string              `json:"uuid"`
	Title        string              `json:"title"`
	Description  string              `json:"description"`
	Statement    string              `json:"statement"`
	Props        []oscalProp         `json:"props,omitempty"`
	Status       string              `json:"status"`
	Character    []oscalCharacter    `json:"characterizations,omitempty"`
	Deadline     string              `json:"deadline,omitempty"`
	Remediations []oscalRemediation  `json:"remediations,omitempty"`
	Log          *oscalRiskLog       `json:"risk-log,omitempty"`
	Observations []oscalObservations `json:"related-observations,omitempty"`
}

type oscalCharacter struct {
	Origin oscalOrigin  `json:"origin"`
	Facets []oscalFacet `json:"facets"`
}

type oscalFacet struct {
	Name   string `json:"name"`
	System string `json:"system"`
	Value  string `json:"value"`
}

type oscalRemediation struct {
	UUID        string `json:"uuid"`
	Lifecycle   string `json:"lifecycle"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

type oscalRiskLog struct {
	Entries []oscalRiskEntry `json:"entries"`
}

type oscalRiskEntry struct {
	UUID         string        `json:"uuid"`
	Title        string        `json:"title"`
	Description  string        `json:"description"`
	Start        string        `json:"start"`
	Props        []oscalProp   `json:"props,omitempty"`
	LoggedBy     []oscalLogger `json:"logged-by,omitempty"`
	StatusChange string        `json:"status-change"`
}

type oscalLogger struct {
	PartyUUID string `json:"party-uuid"`
	RoleID    string `json:"role-id"`
}

type oscalObservations struct {
	UUID string `json:"observation-uuid"`
}

type oscalRisks struct {
	UUID string `json:"risk-uuid"`
}

type oscalFinding struct {
	UUID         string              `json:"uuid"`
	Title        string              `json:"title"`
	Description  string              `json:"description"`
	Props        []oscalProp         `json:"props,omitempty"`
	Target       oscalTarget         `json:"target"`
	Observations []oscalObservations `json:"related-observations,omitempty"`
	Risks        []oscalRisks        `json:"related-risks,omitempty"`
}

type oscalTarget struct {
	Type     string      `json:"type"`
	TargetID string      `json:"target-id"`
	Status   oscalStatus `json:"status"`
}

type oscalStatus struct {
	State   string `json:"state"`
	Reason  string `json:"reason"`
	Remarks string `json:"remarks,omitempty"`
}

type oscalResource struct {
	UUID        string         `json:"uuid"`
	Title       string         `json:"title"`
	Description string         `json:"description,omitempty"`
	Props       []oscalProp    `json:"props,omitempty"`
	RLinks      []oscalResLink `json:"rlinks,omitempty"`
	Citation    *oscalCitation `json:"citation,omitempty"`
}

type oscalResLink struct {
	Href string `json:"href"`
}

type oscalCitation struct {
	Text string `json:"text"`
}

type oscalBackMatter struct {
	Resources []oscalResource `json:"resources"`
}
