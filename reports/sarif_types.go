package reports

import "leastwise/policies/finding"

// The members of SARIF 2.1.0 that are written, under their names
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html).

// sarifHead is what of a run comes before its results.
type sarifHead struct {
	Tool               sarifTool                `json:"tool"`
	AutomationDetails  sarifAutomation          `json:"automationDetails"`
	Language           string                   `json:"language"`
	ColumnKind         string                   `json:"columnKind"`
	OriginalURIBaseIDs map[string]sarifArtifact `json:"originalUriBaseIds"`
}

// sarifTail is what of a run comes after its results.
type sarifTail struct {
	Invocations []sarifInvocation `json:"invocations"`
	Properties  sarifRun          `json:"properties"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name          string      `json:"name"`
	Version       string      `json:"version,omitzero"`
	Rules         []sarifRule `json:"rules"`
	Notifications []sarifRule `json:"notifications"`
}

type sarifAutomation struct {
	ID          string    `json:"id"`
	Description sarifText `json:"description"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitzero"`
}

// sarifRule is a reportingDescriptor.
type sarifRule struct {
	ID                   string               `json:"id"`
	Name                 string               `json:"name,omitzero"`
	ShortDescription     sarifText            `json:"shortDescription"`
	FullDescription      sarifText            `json:"fullDescription,omitzero"`
	Help                 *sarifText           `json:"help,omitzero"`
	HelpURI              string               `json:"helpUri,omitzero"`
	DefaultConfiguration *sarifConfiguration  `json:"defaultConfiguration,omitzero"`
	Properties           *sarifRuleProperties `json:"properties,omitzero"`
}

type sarifConfiguration struct {
	Level   string `json:"level,omitzero"`
	Enabled *bool  `json:"enabled,omitzero"`
}

type sarifRuleProperties struct {
	Tags             []string `json:"tags"`
	Precision        string   `json:"precision"`
	SecuritySeverity string   `json:"security-severity,omitzero"`
	Severity         string   `json:"severity"` // of the control
	Subject          string   `json:"subject"`
	Frameworks       []string `json:"frameworks,omitzero"`
}

type sarifResult struct {
	RuleID              string             `json:"ruleId"`
	RuleIndex           int                `json:"ruleIndex"`
	Kind                string             `json:"kind"`
	Level               string             `json:"level"`
	Message             sarifText          `json:"message"`
	Locations           []sarifLocation    `json:"locations"`
	PartialFingerprints map[string]string  `json:"partialFingerprints"`
	OccurrenceCount     int                `json:"occurrenceCount,omitzero"`
	BaselineState       string             `json:"baselineState,omitzero"`
	Suppressions        []sarifSuppression `json:"suppressions"` // [] says that there is none, and absent that it is not known
	Properties          sarifProperties    `json:"properties"`
}

type sarifLocation struct {
	PhysicalLocation sarifPhysical  `json:"physicalLocation"`
	LogicalLocations []sarifLogical `json:"logicalLocations,omitzero"`
}

type sarifPhysical struct {
	ArtifactLocation sarifArtifact `json:"artifactLocation"`
	Region           sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI         string     `json:"uri,omitzero"`
	URIBaseID   string     `json:"uriBaseId,omitzero"`
	Description *sarifText `json:"description,omitzero"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

type sarifLogical struct {
	Name               string `json:"name,omitzero"`
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

type sarifSuppression struct {
	Kind          string         `json:"kind"`
	Status        string         `json:"status"`
	Justification string         `json:"justification"`
	Properties    map[string]any `json:"properties,omitzero"`
}

// sarifProperties are what of a finding has no member of its own.
type sarifProperties struct {
	Severity string   `json:"severity"`
	Outcome  string   `json:"outcome"`
	Status   string   `json:"status,omitzero"` // waived or known
	Key      any      `json:"key,omitzero"`
	Evidence any      `json:"evidence,omitzero"`
	Owners   []string `json:"owners,omitzero"`
	Since    string   `json:"since,omitzero"`
}

type sarifInvocation struct {
	ExecutionSuccessful        bool                `json:"executionSuccessful"`
	RuleConfigurationOverrides []sarifOverride     `json:"ruleConfigurationOverrides,omitzero"`
	ExecutionNotifications     []sarifNotification `json:"toolExecutionNotifications"`
	ConfigurationNotifications []sarifNotification `json:"toolConfigurationNotifications,omitzero"`
}

type sarifOverride struct {
	Configuration sarifConfiguration `json:"configuration"`
	Descriptor    sarifReference     `json:"descriptor"`
}

// sarifReference is a reference to a rule, or to the descriptor of a notification.
type sarifReference struct {
	ID    string `json:"id"`
	Index int    `json:"index"`
}

type sarifNotification struct {
	Descriptor     sarifReference  `json:"descriptor"`
	AssociatedRule *sarifReference `json:"associatedRule,omitzero"`
	Level          string          `json:"level"`
	Message        sarifText       `json:"message"`
}

// sarifRun is the property bag of a run: what it comes to, and what is counted and not listed.
type sarifRun struct {
	Tenant     sarifTenant              `json:"tenant"`
	AsOf       string                   `json:"asOf"`
	Snapshot   string                   `json:"snapshotSha256,omitzero"`
	FailOn     string                   `json:"failOn"`
	Verdict    string                   `json:"verdict"`
	Outcomes   finding.Counts           `json:"outcomes"`
	Failed     map[finding.Severity]int `json:"failed"`
	Unknown    map[finding.Severity]int `json:"unknown"`
	Waived     int                      `json:"waived"`
	Known      int                      `json:"known"`
	Findings   int                      `json:"findings"`
	Listed     int                      `json:"listed"`     // findings that are a result each
	Summarised int                      `json:"summarised"` // findings that share a result
	Controls   []sarifCounts            `json:"controls"`
}

type sarifTenant struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitzero"`
	Cloud string `json:"cloud"`
}

type sarifCounts struct {
	ID     string         `json:"id"`
	NotRun string         `json:"notRun,omitzero"` // why
	Counts finding.Counts `json:"counts"`
}
