package rules

import "testing"

func TestFloors(t *testing.T) {
	table, err := loadFloors()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ecosystem, name string
		found           bool
	}{
		{PyPI, "boto3", true}, {PyPI, "Boto3", true}, {PyPI, "ec2_metadata", true}, {PyPI, "EC2.Metadata", true},
		{PyPI, "boto3-stubs", false}, {PyPI, "boto30", false}, {Maven, "boto3", false}, {Conda, "boto3", true},
	} {
		if got := table.Of(c.ecosystem, c.name); (got != nil) != c.found {
			t.Errorf("%s %s: %v", c.ecosystem, c.name, got)
		}
	}
	for _, s := range table.Sets {
		for name := range s.Versions {
			if table.SetOf(s.Ecosystems[0], name) != s {
				t.Errorf("%s is not found in its set", name)
			}
		}
	}
}
