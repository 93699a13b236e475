package imds

import (
	"net/netip"
	"strings"
)

// Spelling is a way to write the address of the metadata service.
type Spelling string

// The spellings. Numeric is any other form that inet_aton reads: one to four
// decimal, octal or hexadecimal numbers.
const (
	DottedDecimal Spelling = "dotted decimal"
	Numeric       Spelling = "other numeric form"
	IPv6          Spelling = "IPv6"
	HostName      Spelling = "host name"
	Base64        Spelling = "base64"
)

const (
	dotted       = "169.254.169.254"
	addr4        = 169<<24 | 254<<16 | 169<<8 | 254
	hostName     = "instance-data"
	hostNameFull = "instance-data.ec2.internal"
)

var addr6 = netip.MustParseAddr("fd00:ec2::254")

// hostSpelling names the spelling, empty for any other host. Brackets around
// an IPv6 address may be missing, as in clients that take the host by itself.
func hostSpelling(host string) Spelling {
	host = strings.ToLower(strings.TrimRight(percentDecode(host), "."))
	switch {
	case host == "":
		return ""
	case host == dotted:
		return DottedDecimal
	case host == hostName || host == hostNameFull:
		return HostName
	case strings.Contains(host, ":"):
		if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
			host = host[1 : len(host)-1]
		}
		if isAddr6(host) {
			return IPv6
		}
	case host[0] >= '0' && host[0] <= '9':
		if n, ok := inetAton(host); ok && n == addr4 {
			return Numeric
		}
	}
	return ""
}

func isAddr6(s string) bool {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Is4() {
		return false
	}
	a = a.WithZone("")
	if a == addr6 {
		return true
	}
	return a.Is4In6() && a.Unmap() == netip.AddrFrom4([4]byte{169, 254, 169, 254})
}

// inetAton reads an IPv4 address as the C library does: up to four numbers,
// the last of which fills the bytes that remain.
func inetAton(s string) (uint32, bool) {
	fields := strings.Split(s, ".")
	if len(fields) > 4 {
		return 0, false
	}
	var addr uint64
	for i, f := range fields {
		n, ok := cNumber(f)
		if !ok {
			return 0, false
		}
		if i < len(fields)-1 {
			if n > 255 {
				return 0, false
			}
			addr |= n << (24 - 8*i)
			continue
		}
		if n >= 1<<(32-8*i) {
			return 0, false
		}
		addr |= n
	}
	return uint32(addr), true
}

// cNumber reads a C integer: decimal, octal after 0, hexadecimal after 0x.
func cNumber(s string) (uint64, bool) {
	base := uint64(10)
	switch {
	case len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x':
		base, s = 16, s[2:]
	case len(s) > 1 && s[0] == '0':
		base = 8
	}
	if s == "" {
		return 0, false
	}
	var n uint64
	for i := 0; i < len(s); i++ {
		d, ok := hexDigit(s[i])
		if !ok || uint64(d) >= base {
			return 0, false
		}
		if n = n*base + uint64(d); n >= 1<<32 {
			return 0, false
		}
	}
	return n, true
}

// splitPort splits "host:port"; an IPv6 address may stand without brackets
// when it has no port.
func splitPort(authority string) (host, port string) {
	if strings.HasPrefix(authority, "[") {
		if i := strings.IndexByte(authority, ']'); i >= 0 {
			host, port = authority[:i+1], authority[i+1:]
			if strings.HasPrefix(port, ":") {
				return host, port[1:]
			}
			return authority, ""
		}
		return authority, ""
	}
	if strings.Count(authority, ":") != 1 {
		return authority, ""
	}
	host, port, _ = strings.Cut(authority, ":")
	for i := 0; i < len(port); i++ {
		if (port[i] < '0' || port[i] > '9') && port[i] != holeMark[0] {
			return authority, ""
		}
	}
	return host, port
}
