package manifest

import "strings"

// strayApp notes what looks like an application where none was recognised: it must not be passed over as other JSON.
func (w *world) strayApp(n *node, depth int) {
	if n == nil || depth > maxDepth || depth == 0 && (isTemplate(n) || isParameters(n.file)) {
		return
	}
	switch {
	case n.shape == anObject && isStray(n):
		w.appFault(n, "what looks like the definition of an application stands where none is recognised, and is not judged; hint: give it a file of its own, in the form that Entra or Microsoft Graph has it")
		return
	case n.shape == anObject && strings.HasPrefix(n.str("type"), "azuread_application"):
		w.appFault(n, "an application stands in what is no plan with changes, and is not judged; hint: make a plan: terraform plan -out=p && terraform show -json p > plan.json")
		return
	}
	for _, element := range n.list {
		w.strayApp(element, depth+1)
	}
	for _, m := range n.members {
		w.strayApp(m.value, depth+1)
	}
}

// twoFormats refuses a file that is told to be of one format, and has what only another one has: tools that take a part
// of it do not mind the rest.
func (w *world) twoFormats(root *node) {
	if root.shape == anObject && isStray(root) && (isPlan(root) || isTeams(root) || isTemplate(root)) {
		wrong(&w.broken, root, "the file is of two formats, one of them that of an application; hint: give each a file of its own")
	}
}

// isStray tells members that only applications have, with the values that they have there.
func isStray(n *node) bool {
	for _, name := range []string{"requiredResourceAccess", "replyUrlsWithType"} {
		if list := n.get(name); list != nil && list.shape == aList {
			return true
		}
	}
	trusted := n.get("audiences")
	return present(n.get("resourceAppId")) && present(n.get("resourceAccess")) ||
		trusted != nil && trusted.shape == aList && n.str("issuer") != "" && n.str("subject") != ""
}
