package imds

import (
	"bytes"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

func findHostName(out []Occurrence, b []byte) []Occurrence {
	const hyphen = len("instance")
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], '-')
		if i < 0 {
			return out
		}
		start := from + i - hyphen
		from += i + 1
		if start < 0 || start+len(hostName) > len(b) || b[start]|0x20 != 'i' {
			continue
		}
		if end, ok := hostNameAt(b, start); ok {
			out = append(out, Occurrence{span.Span{Start: start, End: end}, HostName})
		}
	}
}

// hostNameAt tells whether the host name stands at start. The long name
// always counts as a word. The short one is an everyday word too, so it counts
// only as a host:
//   - after the slashes of an HTTP URL, or of one whose scheme is a hole;
//   - with a port, or with a path of the AWS service, where a word may begin;
//   - as a default (${HOST:-instance-data});
//   - as a whole quoted text that is assigned, or given to a function, key or
//     argument named for a host, and without quotes after such a name and "=";
//   - right after curl, wget or their options.
//
// What is missed here is missing in the account of occurrences only: requests
// are judged by their values.
func hostNameAt(b []byte, start int) (end int, ok bool) {
	if !foldAt(b, start, hostName) {
		return 0, false
	}
	end = start + len(hostName)
	const domain = ".ec2.internal"
	long := foldAt(b, end, domain)
	if long {
		end += len(domain)
	}
	if end < len(b) && (isWord(b[end]) && !bytes.HasPrefix(b[end:], []byte("__hole")) || b[end] == '-') || goesOn(b, end) {
		return 0, false
	}
	before := b[max(0, start-200):start]
	if n := len(before); n > 0 && !afterEscape(b, start) && !bytes.HasSuffix(before, []byte("__")) {
		c := before[n-1]
		inDefault := c == '-' && n > 1 && before[n-2] == ':'
		if isWord(c) || c == '.' || c == '-' && !inDefault {
			return 0, false
		}
		if inDefault && !long {
			return end, true
		}
	}
	if long || afterScheme(before) {
		return end, true
	}
	if portOrPath(b[end:]) {
		return end, startsWord(before)
	}
	return end, quotedHost(before, b[end:]) || namedHost(before) || afterCommand(before)
}

// afterScheme is true when text ends with the slashes of an HTTP URL, perhaps
// percent-encoded, and perhaps user info.
func afterScheme(text []byte) bool {
	if at := bytes.LastIndexByte(text, '@'); at == len(text)-1 && at >= 0 {
		slashes := bytes.LastIndex(text, []byte("//"))
		if slashes < 0 || bytes.ContainsAny(text[slashes:], " \t\n\"'") {
			return false
		}
		text = text[:slashes+2]
	}
	for _, mark := range []string{"://", ":\\/\\/", "%3a%2f%2f", ":%2f%2f"} {
		at := len(text) - len(mark)
		if at < 0 || !foldAt(text, at, mark) {
			continue
		}
		if at == 0 || !isWord(text[at-1]) || bytes.HasSuffix(text[:at], []byte("__")) {
			return true
		}
		return at >= 4 && foldAt(text, at-4, "http") || at >= 5 && foldAt(text, at-5, "https")
	}
	return false
}

// startsWord is true when a host may begin after text: at a blank, a quote, an
// operator, two slashes, but not inside a file's path.
func startsWord(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	switch text[len(text)-1] {
	case '/':
		return bytes.HasSuffix(text, []byte("//"))
	case '\\', '.', '-':
		return false
	}
	return true
}

// portOrPath is true when text starts with a port or a path of the service.
func portOrPath(text []byte) bool {
	if len(text) < 2 {
		return false
	}
	digits := 0
	switch text[0] {
	case ':':
		for digits+1 < len(text) && isDigit(text[digits+1]) {
			digits++
		}
		end := digits + 1
		return digits > 0 && digits <= 5 && (end == len(text) || !isWord(text[end]) && text[end] != '.')
	case '/':
		end := 1
		for end < len(text) && end < 20 && (isWord(text[end]) || text[end] == '-' || text[end] == '.') {
			end++
		}
		return isAWSVersion(string(text[1:end]))
	}
	return false
}

// quotedHost is true when the word between the texts is a whole quoted text
// that is assigned to a variable, or given to a function named for a host.
func quotedHost(before, after []byte) bool {
	if len(before) == 0 || len(after) == 0 {
		return false
	}
	quote := after[0]
	if quote == '\\' && len(after) > 1 { // quotes in a quoted text
		quote = after[1]
	}
	if quote != '"' && quote != '\'' || before[len(before)-1] != quote {
		return false
	}
	before = bytes.TrimRight(before[:len(before)-1], " \t\\")
	if len(before) == 0 {
		return false
	}
	last := before[len(before)-1]
	before = bytes.TrimRight(before[:len(before)-1], " \t")
	switch last {
	case '(':
		return endsWithName(before)
	case '=', ':':
		// A comparison is none, and a keyword argument is judged by its name.
		return len(before) > 0 && !bytes.ContainsRune([]byte("=!<>"), rune(before[len(before)-1])) &&
			(last == '=' && !insideCall(before) || endsWithName(bytes.TrimRight(before, "\"'")))
	}
	return false
}

// insideCall is true when a bracket is open in the line that text ends in.
func insideCall(text []byte) bool {
	text = text[bytes.LastIndexByte(text, '\n')+1:]
	return bytes.Count(text, []byte("(")) > bytes.Count(text, []byte(")"))
}

// namedHost is true when text ends with an assignment to a name that tells of
// a host.
func namedHost(text []byte) bool {
	return len(text) > 0 && text[len(text)-1] == '=' && endsWithName(text[:len(text)-1])
}

// endsWithName is true when text ends with a name that tells of a host.
func endsWithName(text []byte) bool {
	at := len(text)
	for at > 0 && isWord(text[at-1]) {
		at--
	}
	name := bytes.ToLower(text[at:])
	for _, word := range []string{"host", "imds", "meta", "addr", "endpoint", "url", "server", "connect", "resolv"} {
		if bytes.Contains(name, []byte(word)) {
			return true
		}
	}
	return false
}

// afterCommand is true when the word before is a command that takes a URL, or
// an option in a line with such a command.
func afterCommand(text []byte) bool {
	if len(text) == 0 || text[len(text)-1] != ' ' {
		return false
	}
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		text = text[i+1:]
	}
	words := bytes.Fields(text)
	for i := len(words) - 1; i >= 0; i-- {
		switch w := words[i]; {
		case bytes.HasSuffix(w, []byte("curl")), bytes.HasSuffix(w, []byte("wget")):
			return true
		case w[0] != '-':
			return false
		}
	}
	return false
}

// foldAt is true when b has the lower-case text word at i, in any case.
func foldAt(b []byte, i int, word string) bool {
	if i < 0 || i+len(word) > len(b) {
		return false
	}
	for j := range len(word) {
		c := b[i+j]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != word[j] {
			return false
		}
	}
	return true
}
