package versions

import "testing"

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		g           Grammar
		spec, floor string
		want        Reach
	}{
		{PEP440, "==1.9.0", "1.12.6", None},
		{PEP440, " ==1.12.6 ", "1.12.6", All},
		{PEP440, "==1.12.6.post1", "1.12.6", All},
		{PEP440, "==1.12.6rc1", "1.12.6", None},
		{PEP440, "==1.9.*", "1.12.6", None},
		{PEP440, "==1.12.*", "1.12.6", Some},
		{PEP440, "==1.13.*", "1.12.6", All},
		{PEP440, "~=1.12.0", "1.12.6", Some},
		{PEP440, "~=1.9.1", "1.12.6", None},
		{PEP440, "<1.6,>=1.5", "1.12.6", None},
		{PEP440, ">=1.5,<1.6", "1.12.6", None},
		{PEP440, "<1.12.6", "1.12.6", None},
		{PEP440, "<=1.12.6", "1.12.6", Some},
		{PEP440, ">1.12.6", "1.12.6", All},
		{PEP440, ">=1.0", "1.12.6", Some},
		{PEP440, "!=1.9", "1.12.6", All},
		{PEP440, "", "1.12.6", All},
		{PEP440, ">2,<1", "1.12.6", All},
		{Poetry, "^1.9", "1.12.6", Some},
		{Poetry, "^0.12", "1.0.0", None},
		{Poetry, "~1.9", "1.12.6", None},
		{Poetry, "1.9.0", "1.12.6", None},
		{Poetry, "1.9.*", "1.12.6", None},
		{Poetry, "*", "1.12.6", All},
		{Poetry, "^1.9 || ^2.0", "1.12.6", Some},
		{Conda, "=1.9", "1.12.6", None},
		{Conda, "=1", "1.12.6", Some},
		{Conda, "==1.9.0", "1.12.6", None},
		{Conda, "=1.9.0=py36_0", "1.12.6", None},
		{Conda, "1.9.*", "1.12.6", None},
		{Conda, ">=1.9,<1.10|>=1.13", "1.12.6", Some},
		{NPM, "2.100.0", "2.722.0", None},
		{NPM, "^2.100.0", "2.722.0", Some},
		{NPM, "~2.100.0", "2.722.0", None},
		{NPM, "2.x", "2.722.0", Some},
		{NPM, "2.100", "2.722.0", None},
		{NPM, ">=2.1 <2.200", "2.722.0", None},
		{NPM, "2.1.0 - 2.800.0", "2.722.0", Some},
		{NPM, "1.x || >=3", "2.722.0", Some},
		{Maven, "1.11.1026", "1.11.678", All},
		{Maven, "1.7.4", "1.11.678", None},
		{Maven, "[1.0,2.0)", "1.11.678", Some},
		{Maven, "(,1.11.600]", "1.11.678", None},
		{Maven, "[1.7.4]", "1.11.678", None},
		{Maven, "[1.0,1.5),[1.12,)", "1.11.678", Some},
		{Maven, "1.11.+", "1.11.678", Some},
		{Maven, "1.10.+", "1.11.678", None},
		{Maven, "latest.release", "1.11.678", All},
		{Maven, "3.3.1-databricks", "3.3.1", All},
		{CRAN, ">= 0.5.0", "0.5.2", Some},
		{CRAN, "0.5-1", "0.5.2", None},
		{Debian, "1.14.44-1ubuntu1", "1.16.289", None},
		{Debian, "2:1.18.69-1", "1.16.289", All},
	} {
		got, err := Judge(c.g, c.spec, c.floor)
		if err != nil || got != c.want {
			t.Errorf("%s %q against %s: %v, %v; want %v", c.g, c.spec, c.floor, got, err, c.want)
		}
	}
	for g, spec := range map[Grammar]string{PEP440: "==latest", Poetry: "{git", NPM: "file:../x", Maven: "${aws.version}", Conda: "=a"} {
		if _, err := Judge(g, spec, "1.0"); err == nil {
			t.Errorf("%s: %q is read as a specifier", g, spec)
		}
	}
}

func TestRaise(t *testing.T) {
	for _, c := range []struct {
		g                      Grammar
		spec, floor, want      string
		otherMajor, upperBound bool
	}{
		{g: PEP440, spec: "==1.9.0", floor: "1.12.6", want: "==1.12.6"},
		{g: PEP440, spec: " === 1.9.0 ", floor: "1.12.6", want: " === 1.12.6 "},
		{g: PEP440, spec: "==1.9.*", floor: "1.12.6", want: "==1.13.*"},
		{g: PEP440, spec: "==1.9.*", floor: "1.12.0", want: "==1.12.*"},
		{g: PEP440, spec: "~=1.9.1", floor: "1.12.6", want: "~=1.12.6"},
		{g: PEP440, spec: "<1.6,>=1.5", floor: "1.12.6", want: "<1.13,>=1.12.6", upperBound: true},
		{g: PEP440, spec: ">=1.5,<1.6.0", floor: "1.12.6", want: ">=1.12.6,<1.13.0", upperBound: true},
		{g: PEP440, spec: "<=1.6,!=1.2", floor: "1.12.6", want: "<=1.12.6,!=1.2", upperBound: true},
		{g: Poetry, spec: "^0.12.0", floor: "1.0.0", want: "^1.0.0", otherMajor: true},
		{g: Poetry, spec: "~1.9", floor: "1.12.6", want: "~1.13"},
		{g: Conda, spec: "=1.9", floor: "1.12.6", want: "=1.13"},
		{g: Conda, spec: "=1.9.0", floor: "1.12.6", want: "=1.12.6"},
		{g: NPM, spec: "v2.100.0", floor: "2.722.0", want: "v2.722.0"},
		{g: Maven, spec: "[1.7,1.8)", floor: "1.11.678", want: "[1.11.678,1.12)", upperBound: true},
		{g: Maven, spec: "1.10.+", floor: "1.11.678", want: "1.12.+"},
		{g: Debian, spec: "1.14.44-1ubuntu1", floor: "1.16.289", want: "1.16.289-1ubuntu1"},
	} {
		up, err := Raise(c.g, c.spec, c.floor)
		if err != nil {
			t.Errorf("%s %q: %v", c.g, c.spec, err)
			continue
		}
		got := c.spec
		for i := len(up.Changes) - 1; i >= 0; i-- {
			ch := up.Changes[i]
			got = got[:ch.Start] + ch.New + got[ch.End:]
		}
		if got != c.want || up.SameMajor == c.otherMajor || up.Bounded != c.upperBound {
			t.Errorf("%s %q becomes %q (same major %v, bounded %v), want %q", c.g, c.spec, got, up.SameMajor, up.Bounded, c.want)
		}
	}
	if _, err := Raise(Poetry, "^1.9 || ^2.0", "3.0"); err == nil {
		t.Error("a specifier with alternatives was raised")
	}
}

func TestAllows(t *testing.T) {
	for spec, want := range map[string]bool{"==1.2": true, ">=1.2": true, ">1.2": false, "<1.2": false, "<=1.2,!=1.2": false, "!=1.3": true, "": true, "x": false} {
		if got := Allows(PEP440, spec, "1.2"); got != want {
			t.Errorf("%q allows 1.2: %v", spec, got)
		}
	}
}

// Whatever is raised allows the floor afterwards, and nothing panics.
func FuzzSpecifiers(f *testing.F) {
	for _, s := range []string{"==1.9.*", "~=1.2", "^0.0.3", "[1,2),(3,]", "1.2 - 3 || x", "=1.9=py_0", ">=1,<2|3", "1:2-3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		for _, g := range []Grammar{PEP440, Poetry, Conda, NPM, Maven, CRAN, Debian} {
			up, err := Raise(g, spec, "1.12.6")
			if err != nil {
				continue
			}
			for i := len(up.Changes) - 1; i >= 0; i-- {
				ch := up.Changes[i]
				spec = spec[:ch.Start] + ch.New + spec[ch.End:]
			}
			if reach, err := Judge(g, spec, "1.12.6"); err != nil || reach == None {
				t.Errorf("%s: %q does not reach the floor: %v", g, spec, err)
			}
			break
		}
	})
}
