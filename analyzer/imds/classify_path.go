package imds

import (
	"path"
	"strings"
)

// TokenPath is the path that hands out session tokens; the service knows it
// under no version but this.
const TokenPath = "/latest/api/token"

// decision is what the text after the host says.
type decision struct {
	kind  Kind
	cloud string
	token bool
	root  bool // AWS only because there is no path at all
}

// decidePath decides by the text after the host: a path, or a hole that holds
// its beginning.
func decidePath(text string) decision {
	if i := strings.IndexAny(text, "?#"); i >= 0 {
		text = text[:i]
	}
	known, rest, open := strings.Cut(text, holeMark)
	segs := segments(known)
	if len(segs) == 0 && !open {
		return decision{kind: AWS, root: true}
	}
	if len(segs) > 0 {
		return decideSegments(segs)
	}
	return decideTail(rest)
}

// decideTail decides by what follows a hole at the start of the path, such as
// an unknown version or port.
func decideTail(rest string) decision {
	if strings.HasPrefix(rest, ":") {
		return decision{kind: Undecided} // the hole was no path
	}
	known, more, open := strings.Cut(rest, holeMark)
	segs := segments(known)
	if len(segs) == 0 {
		if open {
			return decideTail(more)
		}
		return decision{kind: Undecided}
	}
	if !strings.HasPrefix(known, "/") && !isAWSVersion(segs[0]) && !isAWSTree(segs) {
		return decision{kind: Undecided} // the hole's last segment goes on
	}
	if isAWSTree(segs) {
		return decision{kind: AWS, token: len(segs) > 1 && segs[0] == "api"}
	}
	return decideSegments(segs)
}

func decideSegments(segs []string) decision {
	if isAWSVersion(segs[0]) {
		token := len(segs) == 3 && segs[0] == "latest" && segs[1] == "api" && segs[2] == "token"
		return decision{kind: AWS, token: token}
	}
	cloud := otherCloud(segs)
	if cloud == "" {
		return decision{kind: Undecided}
	}
	return decision{kind: OtherCloud, cloud: cloud}
}

func otherCloud(segs []string) string {
	switch strings.ToLower(segs[0]) {
	case "computemetadata":
		return "Google Cloud"
	case "opc":
		return "Oracle"
	case "instance_identity":
		return "IBM Cloud"
	case "hetzner":
		return "Hetzner"
	case "openstack":
		return "OpenStack"
	case "v1", "v1.json":
		return "Vultr"
	case "metadata":
		if len(segs) > 1 {
			switch strings.ToLower(segs[1]) {
			case "instance", "identity", "scheduledevents", "attested", "loadbalancer", "versions":
				return "Azure"
			case "v1", "v1.json":
				return "DigitalOcean"
			}
		}
		return "Azure or DigitalOcean"
	}
	return ""
}

// segments splits a path as a server reads it: percent signs decoded, double
// slashes and dots removed.
func segments(p string) []string {
	p = strings.Trim(path.Clean("/"+percentDecode(p)), "/")
	if p == "" {
		return nil
	}
	return strings.Split(p, "/")
}

// isAWSVersion is true for the first segment of every path of the AWS service.
func isAWSVersion(seg string) bool {
	if seg == "latest" || seg == "1.0" {
		return true
	}
	const date = "dddd-dd-dd"
	if len(seg) != len(date) {
		return false
	}
	for i := range len(date) {
		digit := seg[i] >= '0' && seg[i] <= '9'
		if digit != (date[i] == 'd') || !digit && seg[i] != '-' {
			return false
		}
	}
	return true
}

// isAWSTree is true for the segments that follow a version.
func isAWSTree(segs []string) bool {
	switch segs[0] {
	case "meta-data", "user-data":
		return true
	case "dynamic":
		return len(segs) > 1 && segs[1] == "instance-identity"
	case "api":
		return len(segs) > 1 && segs[1] == "token"
	}
	return false
}

// hasAWSPath is true when a path text holds a version followed by one of the
// trees that only the AWS service has below it.
func hasAWSPath(p string) bool {
	segs := segments(p)
	for i := 0; i+1 < len(segs); i++ {
		if isAWSVersion(segs[i]) && isAWSTree(segs[i+1:]) {
			return true
		}
	}
	return false
}

// percentDecode decodes what can be decoded and leaves the rest as it stands.
func percentDecode(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, ok1 := hexDigit(s[i+1])
			lo, ok2 := hexDigit(s[i+2])
			if ok1 && ok2 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}
