package pins

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

var (
	iniSection = regexp.MustCompile(`^\[([^\]]+)\]\s*$`)
	iniKey     = regexp.MustCompile(`^([A-Za-z0-9_.-]+)\s*[=:]\s*`)
	// factor is tox's condition before a line: `py38,old: boto3==1.9`.
	factor = regexp.MustCompile(`^\s*!?[A-Za-z0-9_.{},!-]+:\s+`)
)

// eachIni gives the lines of the values of a configuration file. several is
// true for one that stands beside its key.
func (r *reader) eachIni(each func(section, key string, line span.Span, several bool)) {
	b := r.u.Text.Bytes()
	section, key := "", ""
	for at := 0; at < len(b); {
		line := span.Span{Start: at, End: len(b)}
		if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
			line.End = at + i
		}
		at = line.End + 1
		text := r.u.Text.Sub(line)
		trimmed := strings.TrimSpace(text)
		several := false
		switch m := iniKey.FindStringSubmatchIndex(text); {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
			continue
		case iniSection.MatchString(text):
			section, key = iniSection.FindStringSubmatch(text)[1], ""
			continue
		case m != nil:
			key = text[m[2]:m[3]]
			line.Start += m[1]
			several = !line.Empty()
		case text[0] != ' ' && text[0] != '\t':
			key = ""
			continue
		}
		if c := commentStart(b[line.Start:line.End]); c >= 0 {
			line.End = line.Start + c
		}
		if key != "" && !line.Empty() {
			each(section, key, line, several)
		}
	}
}

// setupCfg reads the requirements in setup.cfg, and those of tox in it.
func setupCfg(r *reader) {
	r.eachIni(func(section, key string, line span.Span, several bool) {
		switch {
		case strings.HasPrefix(section, "testenv"), strings.HasPrefix(section, "tox"):
			r.toxLine(key, line)
		case section == "options.extras_require",
			section == "options" && (key == "install_requires" || key == "setup_requires" || key == "tests_require"):
			r.iniRequirements(line, several)
		}
	})
}

// tox reads what tox installs into its environments.
func tox(r *reader) {
	r.eachIni(func(section, key string, line span.Span, _ bool) { r.toxLine(key, line) })
}

func (r *reader) toxLine(key string, line span.Span) {
	if m := factor.FindStringIndex(r.u.Text.Sub(line)); m != nil {
		line.Start += m[1]
	}
	switch key {
	case "deps", "requires", "constrain_package_deps":
		r.requirementLine(r.lit(line), line)
	case "commands", "commands_pre", "commands_post", "install_command":
		for _, words := range command.Commands(r.lit(line)) {
			r.out.Pins = append(r.out.Pins, Installed(r.u, words, line)...)
		}
	}
}

func (r *reader) iniRequirements(line span.Span, several bool) {
	parts := []span.Span{line}
	if several { // on one line, semicolons part them
		parts = nil
		from := line.Start
		for i := line.Start; i <= line.End; i++ {
			if i == line.End || r.u.Text.Bytes()[i] == ';' {
				parts = append(parts, span.Span{Start: from, End: i})
				from = i + 1
			}
		}
	}
	for _, s := range parts {
		r.add(r.requirement(r.lit(s), s))
	}
}
