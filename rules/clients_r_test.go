package rules

import "testing"

func TestLoadR(t *testing.T) {
	r, err := LoadR()
	if err != nil {
		t.Fatal(err)
	}
	if get := r.Calls["GET"]; len(get) != 1 || get[0].ID() != "httr::GET" || get[0].Method != "GET" {
		t.Errorf("GET is %v", get)
	}
	if n := len(r.Calls["fromJSON"]); n < 2 {
		t.Errorf("fromJSON is of %d packages", n)
	}
	for name, bad := range map[string]*RCall{
		"no url":     {Name: "f", Params: []string{"x"}, URL: "url", Style: "vector"},
		"no headers": {Name: "f", Params: []string{"url"}, URL: "url", Headers: "h", Style: "vector"},
		"no style":   {Name: "f", Params: []string{"url"}, URL: "url"},
		"reads":      {Name: "f", Params: []string{"url"}, URL: "url", Style: "vector", Reads: "some"},
	} {
		if bad.check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
