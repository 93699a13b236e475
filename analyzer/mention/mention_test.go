package mention

import "testing"

func TestOfName(t *testing.T) {
	for name, want := range map[string]string{
		"NO_PROXY": "no_proxy list", "nonProxyHosts": "no_proxy list", "BLOCKED_HOSTS": "deny-list", "ssrf_payloads": "deny-list",
		"test_url": "test data", "usage": "text for people", "error_msg": "text for people",
		"url": "", "metadata": "", "host": "", "latest": "", "message_url": "",
	} {
		if got := OfName(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
