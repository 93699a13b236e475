package imds

import "strings"

// holeMark stands for a hole while a value is taken apart as one text.
const holeMark = "\x00"

// Classify tells what a URL value reaches, by host and then by path.
//
// The scheme may be missing, user info and a port are allowed, every spelling
// of the address counts. Where the known text leaves the path open the answer
// is Undecided. A port other than the scheme's usual 80 is still the address,
// but the path alone has to say that it is AWS; so with https, which the
// service does not speak. A hole in the host is Elsewhere, with two
// exceptions in which the known text makes the address plain: user info or a
// port may be unknown, and an unknown text right before a dotted address
// without a scheme (most likely the scheme) is Undecided at worst.
func Classify(v Value) Target {
	u := parse(v)
	t := Target{Scheme: u.scheme, Host: u.written, Path: u.knownPath()}
	if !u.reaches {
		return t
	}
	d := decidePath(u.path)
	t.Kind, t.Cloud, t.Token = d.kind, d.cloud, d.token
	if d.root && !u.usualPort {
		t.Kind = Undecided
	}
	if u.glued && t.Kind == AWS {
		t.Kind = Undecided
	}
	return t
}

// Join is the URL of a host (with or without a port) and a path, for clients
// that take the two apart, as http.client does. A path that is a whole URL, as
// sent through a proxy, stands for itself.
func Join(host, path Value) Value {
	if strings.Contains(template(path), "://") {
		return path
	}
	var out Value
	h := template(host)
	if !strings.Contains(h, "://") && !strings.HasPrefix(h, "//") {
		out = Lit("//", Source{})
	}
	out = append(out, host...)
	if p := template(path); p != "" && !strings.HasPrefix(p, "/") &&
		!strings.HasPrefix(p, holeMark) && !strings.HasPrefix(p, "?") && !strings.HasSuffix(h, "/") {
		out = append(out, Part{Text: "/"})
	}
	return append(out, path...)
}

// Base is the part of a URL value that leads to the service's root, as
// written: scheme, user info, host and port, without a final slash. It is
// false when the host is not the metadata service or any of it is unknown. A
// hole right after the host is taken to start the path.
func Base(v Value) (string, bool) {
	u := parse(v)
	if !u.reaches || u.glued || strings.Contains(u.base, holeMark) {
		return "", false
	}
	return u.base, true
}

// TokenURL is the URL that hands out session tokens, in the host spelling of v.
func TokenURL(v Value) (string, bool) {
	base, ok := Base(v)
	if !ok {
		return "", false
	}
	return base + TokenPath, true
}

// LooksAWS is true for a value whose host is not known, or not given, and
// whose path is one that only the AWS service has.
func LooksAWS(v Value) bool {
	s := strings.TrimSpace(template(v))
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i]
	}
	scheme, given, _ := strings.Cut(s, "://")
	if given != "" && isScheme(scheme) {
		s = given
	}
	authority, _, _ := strings.Cut(s, "/")
	host, _, unknown := strings.Cut(authority, holeMark)
	relative := given == "" && (authority == "" && !strings.HasPrefix(s, "//") || authority == "latest")
	if strings.Contains(host, ":") || !unknown && !relative {
		return false // the host is known, and at most its port is not
	}
	for _, known := range strings.Split(s, holeMark) {
		if hasAWSPath(known) {
			return true
		}
	}
	return false
}

// address is a URL value taken apart. Its texts may hold hole marks.
type address struct {
	scheme    string // lower case, empty when missing or unknown
	base      string // everything before path
	written   string // host and port as written, up to the first hole
	path      string // path, query and fragment
	reaches   bool   // the host is the metadata service
	usualPort bool   // port 80, as far as is known
	glued     bool   // an unknown text stands right before the host
}

func (u address) knownPath() string {
	p := u.path
	if i := strings.IndexAny(p, "?#"+holeMark); i >= 0 {
		p = p[:i]
	}
	return p
}

// template is the value as one text with a mark for each hole.
func template(v Value) string {
	var sb strings.Builder
	for _, p := range v {
		switch {
		case p.Unknown:
			sb.WriteString(holeMark)
		case strings.Contains(p.Text, holeMark):
			sb.WriteString(strings.ReplaceAll(p.Text, holeMark, "\x01"))
		default:
			sb.WriteString(p.Text)
		}
	}
	return sb.String()
}

func parse(v Value) address {
	s := strings.TrimSpace(template(v))
	scheme, unknownScheme, start, ok := splitScheme(s)
	u := address{scheme: scheme}
	if !ok {
		return u
	}
	end := start + len(s[start:])
	if i := strings.IndexAny(s[start:], "/?#"); i >= 0 {
		end = start + i
	}
	if at := strings.LastIndexByte(s[start:end], '@'); at >= 0 {
		start += at + 1
	}
	authority := s[start:end]
	u.usualPort = scheme != "https"

	if scheme == "" && start == 0 && !unknownScheme && strings.HasPrefix(authority, holeMark) {
		rest := strings.TrimLeft(authority, holeMark)
		if hostSpelling(rest) == DottedDecimal {
			start += len(authority) - len(rest)
			authority, u.glued = rest, true
		}
	}
	host, port := splitPort(authority)
	if i := strings.Index(host, holeMark); i > 0 {
		// The hole continues the host text: a path that brings its own slash.
		end = start + i
		host, port = splitPort(authority[:i])
	}
	u.base, u.path = s[:end], s[end:]
	u.written, _, _ = strings.Cut(s[start:end], holeMark)
	u.reaches = hostSpelling(host) != ""
	if n := strings.TrimLeft(port, "0"); n != "" && !strings.Contains(n, holeMark) {
		u.usualPort = n == "80"
	}
	return u
}

// splitScheme finds the scheme of a URL text and where its authority starts;
// ok is false for a scheme other than HTTP's and for a path without a host.
func splitScheme(s string) (scheme string, unknown bool, start int, ok bool) {
	if i := strings.Index(s, ":/"); i >= 0 && isScheme(s[:i]) {
		start = i + 1
		for n := 0; n < 3 && start < len(s) && s[start] == '/'; n++ {
			start++ // curl takes one to three slashes
		}
		if strings.Contains(s[:i], holeMark) {
			return "", true, start, true
		}
		scheme = strings.ToLower(s[:i])
		return scheme, false, start, scheme == "http" || scheme == "https"
	}
	if strings.HasPrefix(s, "//") {
		return "", false, 2, true
	}
	return "", false, 0, s != "" && s[0] != '/'
}

func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == holeMark[0]
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-')) {
			return false
		}
	}
	return s != ""
}
