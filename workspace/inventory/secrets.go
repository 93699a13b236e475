package inventory

import (
	"bytes"
	"regexp"
	"strings"
)

// Hidden stands in definitions where a secret stands.
const Hidden = "(not shown)"

var (
	// secretName are the names of settings whose values are secrets, as Spark,
	// Hadoop, pip and the clouds' tools call them; notSecret are settings that only
	// say how a secret is come by.
	secretName = regexp.MustCompile(`(?i)secret|passw|pwd|token|credential|private[._-]?key|access[._-]?key|account[._-]?key|api[._-]?key|connection[._-]?string|[._-]sas\b`)
	notSecret  = regexp.MustCompile(`(?i)(provider|type|class|enabled|endpoint|duration|scope|path|file)$`)
	// notValue are values that are none: a reference to a secret, a switch, a number.
	notValue = regexp.MustCompile(`^(\{\{secrets/.*\}\}|true|false|[0-9]*)$`)

	// A line of JSON as definitions have it, or of a difference between two.
	member  = regexp.MustCompile(`^([ +-]?\s*)"((?:[^"\\]|\\.)*)": (.*)$`)
	literal = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	valued  = regexp.MustCompile(`("(?:value|defaultValue)": )"((?:[^"\\]|\\.)*)"`)
	listed  = regexp.MustCompile(`("values": )\[[^\]]*\]`)
)

// HideSecrets puts a mark in place of the secrets in a definition, or in a
// difference of definitions: the values of settings whose names speak of one.
// Definitions are shown in reports that are sent on. References to secrets
// ({{secrets/scope/key}}) stay.
func HideSecrets(text []byte) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	inside := "" // the indent of a setting with a secret that goes over several lines
	pair := false
	for i, raw := range lines {
		line := strings.TrimSuffix(string(raw), "\n")
		end := string(raw[len(line):])
		if inside == "" && !pair && !speaks(line) {
			continue
		}
		m := member.FindStringSubmatch(line)
		name, rest := "", ""
		if m != nil {
			name, rest = m[2], m[3]
		}
		secret := isSecret(name)
		switch {
		case inside != "" && (strings.HasPrefix(line, inside+"}") || strings.HasPrefix(line, inside+"]")):
			inside = ""
		case inside != "" && (m == nil || name == "value" || name == "defaultValue"),
			pair && name == "value",
			secret && strings.HasPrefix(rest, `"`):
			at := len(line) - len(rest)
			if m == nil {
				at = 0
			}
			line = line[:at] + hide(line[at:])
		case secret && (rest == "{" || rest == "["):
			inside = m[1]
		case secret:
			line = line[:len(line)-len(rest)] + listed.ReplaceAllString(valued.ReplaceAllString(rest, `$1"`+Hidden+`"`), `$1["`+Hidden+`"]`)
		}
		pair = name == "key" && isSecret(strings.Trim(rest, `",`))
		lines[i] = []byte(line + end)
	}
	return bytes.Join(lines, nil)
}

// speaks reports, fast, whether a line may name a secret.
func speaks(line string) bool {
	line = strings.ToLower(line)
	for _, w := range []string{"secret", "passw", "pwd", "token", "credential", "key", "connection", "sas"} {
		if strings.Contains(line, w) {
			return true
		}
	}
	return false
}

func isSecret(name string) bool { return secretName.MatchString(name) && !notSecret.MatchString(name) }

// hide replaces the first literal of a text, unless it is no secret.
func hide(text string) string {
	m := literal.FindStringSubmatchIndex(text)
	if m == nil || notValue.MatchString(text[m[2]:m[3]]) {
		return text
	}
	return text[:m[2]] + Hidden + text[m[3]:]
}
