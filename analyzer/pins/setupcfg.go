package pins

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

var (
	iniSection = regexp.MustCompile(`^\[([^\]]+)\]\s*$`)
	iniKey     = regexp.MustCompile(`^([A-Za-z0-9_.-]+)\s*[=:]\s*`)
)

// setupCfg reads the requirements in setup.cfg.
func setupCfg(r *reader) {
	b := r.u.Text.Bytes()
	section, requires, several := "", false, false
	for at := 0; at < len(b); {
		line := span.Span{Start: at, End: len(b)}
		for i := at; i < len(b); i++ {
			if b[i] == '\n' {
				line.End = i
				break
			}
		}
		at = line.End + 1
		text := r.u.Text.Sub(line)
		trimmed := strings.TrimSpace(text)
		switch m := iniKey.FindStringIndex(text); {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
			continue
		case iniSection.MatchString(text):
			section, requires = iniSection.FindStringSubmatch(text)[1], false
			continue
		case m != nil:
			key := iniKey.FindStringSubmatch(text)[1]
			requires = section == "options.extras_require" ||
				section == "options" && (key == "install_requires" || key == "setup_requires" || key == "tests_require")
			line.Start += m[1]
			several = !line.Empty() // on one line, semicolons part them
		case text[0] != ' ' && text[0] != '\t':
			requires = false
			continue
		default:
			several = false
		}
		if requires {
			r.iniRequirements(line, several)
		}
	}
}

func (r *reader) iniRequirements(line span.Span, several bool) {
	if c := commentStart(r.u.Text.Bytes()[line.Start:line.End]); c >= 0 {
		line.End = line.Start + c
	}
	parts := []piece{{line.Start, line.End}}
	if several {
		parts = nil
		from := line.Start
		for i := line.Start; i <= line.End; i++ {
			if i == line.End || r.u.Text.Bytes()[i] == ';' {
				parts = append(parts, piece{from, i})
				from = i + 1
			}
		}
	}
	for _, p := range parts {
		s := span.Span{Start: p.from, End: p.to}
		r.add(r.requirement(r.lit(s), s))
	}
}

type piece struct{ from, to int }
