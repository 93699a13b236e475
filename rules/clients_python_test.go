package rules

import "testing"

func TestPythonClients(t *testing.T) {
	p, err := LoadPython()
	if err != nil {
		t.Fatal(err)
	}
	if c := p.Calls["requests.Session.get"]; c == nil || c.Class == nil || c.Class.Attribute != "headers" || c.Library != "requests" {
		t.Errorf("requests.Session.get is not tied to its class: %+v", c)
	}
	if c := p.Calls["requests.get"]; c == nil || c.Class != nil || *c.URL.Pos != 0 {
		t.Errorf("requests.get is wrong: %+v", c)
	}
	if p.Makers["urllib3.connection_from_url"] == "" {
		t.Error("makers are not indexed")
	}
	for from, to := range p.Aliases {
		if from == to {
			t.Errorf("alias %s is its own", from)
		}
	}
}
