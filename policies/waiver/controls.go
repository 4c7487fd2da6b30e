package waiver

import "leastwise/policies/finding"

// Kind is the kind of subject that a waiver is.
const Kind = "waiver"

// Message is what a finding of a waiver says, in the terms of the controls that are written in Rego.
const Message = "the waiver {subject} of {evidence.control} on {evidence.subject} covers nothing: {evidence.detail}"

// Controls are those that judge the waivers themselves, sorted by id. They have no package: what they look at is
// the waiver file, not the tenant.
func Controls() []finding.Control {
	const (
		framework  = "https://csrc.nist.gov/pubs/sp/800/37/r2/final"
		exemptions = "https://learn.microsoft.com/azure/governance/policy/concepts/exemption-structure"
	)
	control := func(id string, severity finding.Severity, title, why, remedy string) finding.Control {
		return finding.Control{
			ID: id, Title: title, Description: why, Severity: severity, Subject: Kind, Requires: []string{},
			Remediation: remedy, References: []string{framework, exemptions},
		}
	}
	return []finding.Control{
		control("WAV-001", finding.Medium, "Waiver has expired",
			"A risk was accepted until a day that has passed. The waiver covers nothing any more, and what it covered counts again. "+
				"It stays in the file as if it held, and readers of the file believe that it does.",
			"Mend what was accepted and take the waiver out, or have the risk accepted anew: with a new expiry, and approved again."),
		control("WAV-002", finding.Low, "Waiver matches nothing",
			"A waiver is bound to one finding by its fingerprint. This one matches no finding: what it was about is mended or gone, or it "+
				"has changed into something else, such as a wider grant, which nobody has accepted. A waiver that lingers covers a finding "+
				"again that comes back, without anybody deciding so.",
			"Take the waiver out. Where the detail names another finding, judge that one on its own merits; leastwise waivers new writes a waiver for it."),
		control("WAV-003", finding.High, "Waiver was approved by its requester",
			"Who asks for a risk to be accepted and who accepts it must be two people; otherwise nobody has looked at it twice. The waiver "+
				"covers nothing. Names and addresses are compared as people, not as texts: letter case, a name beside the address, the form of "+
				"a guest and a tag in the address make no difference.",
			"Have somebody else decide, and name that person as approver; name both by their user principal names."),
		control("WAV-004", finding.Medium, "Waivers for one finding stand twice",
			"Several waivers that are in force have one fingerprint. Which of them was accepted, on what grounds and until when, nobody can "+
				"tell, so that none of them covers anything.",
			"Keep the one that was accepted last and take out the others."),
		control("WAV-005", finding.Medium, "Waiver holds for more than 365 days",
			"An accepted risk has to be looked at again within a year. This waiver expires later than 365 days after its approval (where it does "+
				"not say when it was approved, after the instant that the report is of), and covers nothing.",
			"Have the risk accepted for a year or less, and write down when that was."),
	}
}
