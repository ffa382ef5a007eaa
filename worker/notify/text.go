package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/worker/plaintext"
)

// Message is what an operator reads. The title is its first line, and says what and where; what to do follows,
// with the exact command; then the link.
type Message struct {
	Title  string
	Text   string // begins with the title
	Urgent bool
}

// maxLines bounds the lines of a list in a message; the rest is counted.
const maxLines = 15

// locationLabel is how an operator calls the location of an incident.
func (s incidentState) locationLabel() string { return nameLabel(cmp.Or(s.Location, s.LocationID)) }

// locationArgument is the location of an incident as an argument of a command.
func (s incidentState) locationArgument() string { return nameArgument(s.Location, s.LocationID) }

// message puts the parts of a message together. Parts that are "" are left out.
func (v snapshot) message(title string, parts ...string) Message {
	if v.several && v.organization != "" {
		title = v.organization + ": " + title
	}
	title = withoutMarkup.Replace(plaintext.Printable(title))
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	text := plaintext.EscapeHidden([]byte(withoutMarkup.Replace(strings.Join(append([]string{title}, parts...), "\n"))))
	return Message{Title: title, Text: string(text)}
}

// withoutMarkup replaces what a chat makes a mention of, as @everyone or <!channel>, or a link under another text. What we
// write has none of it, so it can only come from a name.
var withoutMarkup = strings.NewReplacer("@", "\uff20", "<", "\u2039", ">", "\u203a", "](", "] (")

// nameLabel is a name that the platform gave, for people. What it begins as an address is no link.
func nameLabel(name string) string {
	return strings.ReplaceAll(plaintext.Printable(name), "://", ": //")
}

// nameArgument is a name as an argument of a command: the name where it stands there as it is, else the id.
func nameArgument(name, id string) string {
	if name != "" && plaintext.IsPlainArgument(name) && !strings.Contains(name, "@") {
		return name
	}
	return plaintext.ShellWord(id)
}

// inOrganization is the flag of a command that names the organization, where there are several: a slug or a number may be in
// each of them.
func (v snapshot) inOrganization() string {
	if !v.several || v.organization == "" {
		return ""
	}
	return " --organization " + plaintext.ShellWord(v.organization)
}

// link names the page of one incident, or of all.
func (n *diff) link(about []incidentState) string {
	switch {
	case n.Console == "":
		return ""
	case len(about) == 1:
		return strings.TrimSuffix(n.Console, "/") + "/incidents/" + about[0].ID
	}
	return strings.TrimSuffix(n.Console, "/") + "/"
}

// lineForEach is one line for each incident.
func lineForEach(about []incidentState, line func(incidentState) string) string {
	var lines []string
	for _, s := range about[:min(len(about), maxLines)] {
		lines = append(lines, "- "+line(s))
	}
	if rest := len(about) - maxLines; rest > 0 {
		lines = append(lines, fmt.Sprintf("- and %d more", rest))
	}
	return strings.Join(lines, "\n")
}

// locationsLabel names one location, or how many there are.
func locationsLabel(about []incidentState) string {
	if n := countLocations(about); n > 1 {
		return fmt.Sprintf("%d locations", n)
	}
	return about[0].locationLabel()
}

// countLocations is how many locations incidents are of: one location may have several, of which others are over.
func countLocations(about []incidentState) int {
	locations := map[[2]string]bool{}
	for _, s := range about {
		locations[[2]string{s.Organization, s.LocationID}] = true
	}
	return len(locations)
}

// TestMessage is a message that says nothing has happened: it shows that a target is reached.
func TestMessage() Message {
	return snapshot{}.message("A trial of the alerts of happycolis-reassigner", "Nothing has happened. Somebody wanted to know whether this arrives.")
}
