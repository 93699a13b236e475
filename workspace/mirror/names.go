package mirror

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Child is an object of a folder, as far as its local name depends on it.
type Child struct {
	Name     string
	Notebook bool
}

const (
	// maxName is the longest name of a file or folder in bytes, with room for
	// a notebook's mark and suffix below the 255 that file systems take.
	maxName = 235
	// maxPart is the longest part of a name that is cut into several.
	maxPart = 200
	// more ends a part that the next level goes on with.
	more = "%+"
	// marked tells a notebook from a file that is called as the notebook with
	// its suffix is.
	marked = "%notebook"
)

// Suffixes are what a notebook's local name ends in: by language where it is
// stored as source, .ipynb where it is stored as Jupyter's, and .notebook when
// its language is not known.
var Suffixes = []string{".py", ".scala", ".sql", ".r", ".ipynb", ".notebook"}

// taken are names that are the mirror's own, or that make a folder what no
// remote object may make it: git runs what a .git folder tells it to.
var taken = map[string]bool{Own: true, ".git": true, scriptsFolder: true, definitionsFolder: true}

// devices are the names that Windows gives to devices in every folder, with
// any suffix.
var devices = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true, "conin$": true, "conout$": true}

func init() {
	for _, n := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"} {
		devices["com"+n], devices["lpt"+n] = true, true
	}
}

// LocalNames gives the children of one folder their local names: slash
// separated paths below the local folder, those of notebooks without their
// suffix. They depend on the set of the children only. No two are the same to
// a file system that folds case or normalises Unicode, whatever suffixes the
// notebooks get. The names of the children must differ.
func LocalNames(children []Child) []string {
	names := make([]string, len(children))
	strict, mark := make([]bool, len(children)), make([]bool, len(children))
	keys := make([]string, len(children))
	for {
		for i, c := range children {
			names[i] = encode(c.Name, strict[i])
			if mark[i] {
				names[i] += marked
			}
			keys[i] = fold(names[i])
		}
		if !separate(children, keys, strict, mark) {
			return names
		}
	}
}

// separate makes those children strict whose names are the same, and marks the
// notebooks among them that a file or folder gets in the way of. It reports
// whether anything changed; strict and marked names always differ.
func separate(children []Child, keys []string, strict, mark []bool) (changed bool) {
	notebooks, others := map[string][]int{}, map[string][]int{}
	for i, c := range children {
		if c.Notebook {
			notebooks[keys[i]] = append(notebooks[keys[i]], i)
		} else {
			others[keys[i]] = append(others[keys[i]], i)
		}
	}
	set := func(of []bool, is []int) {
		for _, i := range is {
			changed = changed || !of[i]
			of[i] = true
		}
	}
	for _, is := range notebooks {
		if len(is) > 1 {
			set(strict, is)
		}
	}
	for key, is := range others {
		if len(is) > 1 {
			set(strict, is)
		}
		for _, s := range Suffixes {
			stem, ok := strings.CutSuffix(key, s)
			if in := notebooks[stem]; ok && len(in) > 0 {
				set(strict, is)
				set(strict, in)
				set(mark, in)
			}
		}
	}
	return changed
}

// fold is what names have in common that some file system takes for one.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	// Windows compares upper case, macOS folded lower case: what either joins.
	return norm.NFD.String(cases.Fold().String(strings.ToUpper(norm.NFD.String(s))))
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// encode is a name with everything escaped that not all file systems take, or
// take as it is: as %XX for each byte, % itself too. strict escapes all that
// folding changes. A name that is too long goes on in another level.
func encode(name string, strict bool) string {
	if name == "" {
		return "%" // nothing else is written so
	}
	if whole := escape(name, strict); len(whole) <= maxName {
		return whole
	}
	var parts []string
	for rest := name; rest != ""; {
		n, size := 0, 0
		for n < len(rest) {
			r, w := utf8.DecodeRuneInString(rest[n:])
			size += max(w, len(escapeRune(rest[n:n+w], r, w, strict)))
			if size > maxPart {
				break
			}
			n += w
		}
		part := escape(rest[:n], strict)
		if rest = rest[n:]; rest != "" {
			part += more
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "/")
}

// escape is a name, or a part of one, that fits into a level.
func escape(name string, strict bool) string {
	var sb strings.Builder
	for i := 0; i < len(name); {
		r, w := utf8.DecodeRuneInString(name[i:])
		text := name[i : i+w]
		switch {
		case i == 0 && (r == ' ' || needsOther(name)):
			text = escaped(text)
		case i+w == len(name) && (r == ' ' || r == '.'):
			text = escaped(text)
		case r == '~' && isShort(name):
			text = escaped(text)
		default:
			text = escapeRune(text, r, w, strict)
		}
		sb.WriteString(text)
		i += w
	}
	return sb.String()
}

func escapeRune(text string, r rune, w int, strict bool) string {
	switch {
	case r == utf8.RuneError && w <= 1,
		strings.ContainsRune(`%<>:"|?*\/`, r),
		!unicode.IsGraphic(r),
		strict && (r >= utf8.RuneSelf || r >= 'A' && r <= 'Z'):
		return escaped(text)
	}
	return text
}

func escaped(s string) string {
	var sb strings.Builder
	for _, b := range []byte(s) {
		fmt.Fprintf(&sb, "%%%02X", b)
	}
	return sb.String()
}

// needsOther reports whether a name means something else on this or another
// system, or in the mirror.
func needsOther(name string) bool {
	key := fold(name)
	if taken[strings.TrimRight(key, ". ")] {
		return true
	}
	base, _, _ := strings.Cut(key, ".")
	return devices[strings.TrimRight(base, " ")]
}

// isShort reports whether a name may be the short name that Windows gives to
// another file (PROGRA~1).
func isShort(name string) bool {
	if len(name) > len("PROGRA~1.TXT") {
		return false
	}
	base, ext, _ := strings.Cut(name, ".")
	word, number, ok := strings.Cut(base, "~")
	return ok && len(base) <= 8 && word != "" && number != "" && len(ext) <= 3 && strings.Trim(number, "0123456789") == ""
}

// RemoteName is the name that a local name was made from, a path below the
// local folder with the suffix if it is a notebook's. ok is false for a name
// that is no object's.
func RemoteName(local string, notebook bool) (name string, ok bool) {
	if notebook {
		i := slices.IndexFunc(Suffixes, func(s string) bool { return strings.HasSuffix(local, s) })
		if i < 0 {
			return "", false
		}
		local = strings.TrimSuffix(strings.TrimSuffix(local, Suffixes[i]), marked)
	}
	if local == "%" {
		return "", true
	}
	var sb strings.Builder
	parts := strings.Split(local, "/")
	for i, p := range parts {
		if last := i == len(parts)-1; !last {
			if p, ok = strings.CutSuffix(p, more); !ok {
				return "", false
			}
		}
		for p != "" {
			if p[0] != '%' {
				sb.WriteByte(p[0])
				p = p[1:]
				continue
			}
			var b byte
			if len(p) < 3 {
				return "", false
			}
			if _, err := fmt.Sscanf(p[1:3], "%02X", &b); err != nil {
				return "", false
			}
			sb.WriteByte(b)
			p = p[3:]
		}
	}
	return sb.String(), local != ""
}
