// Package mention says why an address that code writes down is not one that it
// asks: by the words that code in any language uses for deny-lists, proxies and
// texts.
package mention

import "strings"

// OfName says what a name makes of the addresses it holds; empty when it does
// not tell.
func OfName(name string) string {
	low := strings.ToLower(name)
	if strings.Contains(low, "no_proxy") || strings.Contains(low, "noproxy") || strings.Contains(low, "non_proxy") || strings.Contains(low, "nonproxy") || strings.Contains(low, "proxy_bypass") {
		return "no_proxy list"
	}
	for _, w := range []string{"block", "deny", "denied", "forbid", "disallow", "blacklist", "denylist", "banned", "restricted", "private", "internal_host", "internal_ip", "link_local", "linklocal", "reserved", "unsafe", "dangerous", "ssrf", "malicious", "suspicious"} {
		if strings.Contains(low, w) {
			return "deny-list"
		}
	}
	for _, w := range []string{"payload", "exploit", "attack"} {
		if strings.Contains(low, w) {
			return "payload of a security test"
		}
	}
	if strings.HasPrefix(low, "test_") || strings.HasPrefix(low, "mock") || strings.HasPrefix(low, "fake") || strings.HasPrefix(low, "expected") {
		return "test data"
	}
	if low == "help" || low == "description" || strings.HasSuffix(low, "_help") || low == "usage" || low == "message" || low == "msg" || low == "__doc__" || strings.HasSuffix(low, "_msg") || strings.HasSuffix(low, "_message") {
		return "text for people"
	}
	return ""
}
