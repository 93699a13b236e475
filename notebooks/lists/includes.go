// Package lists knows which files name lists of Python requirements, as pip's
// options -r and -c do, and so which lists are installed together.
//
// It reads only the options, in any kind of file; what stands in a list is for
// others to say.
package lists

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

// Words are what a file that names a list holds, beside files that are lists
// by their own name.
var Words = []string{"pip install", "pip3 install", "pip-sync", "-m pip"}

// Include is a place that names a list.
type Include struct {
	// Name is the list as it is written.
	Name string
	// Sure is true where the text around it leaves no doubt.
	Sure bool
	// Own is true in a list, where the name counts from the list's folder.
	Own bool
}

var (
	// own is a line of a list that names another one.
	own = regexp.MustCompile(`(?m)^[ \t]*(?:-r|-c|--requirement|--constraint)[ \t=]*["']?([^\s"'#;]+)`)
	// option is the option in a command line, an argument list, or an item of
	// a list of pip's lines.
	option = regexp.MustCompile(`^(?:|[\s"'\[(,]|-)(?:-r|-c|-requirements?|-constraints?)(?:["']?[ \t,=]+["']?|=)([A-Za-z0-9_./~@${%\\-][^\s"'\\,;|&()<>\]#]*)`)
	// keyed are the keys under which other files name lists.
	keyed = regexp.MustCompile(`^(?:|[\s"'{,])(?:requirements|file)["']?\s*[:=]\s*\[?\s*["']?([A-Za-z0-9_./~-]+\.(?:txt|in|pip|lst|list))\b`)
	// tox is an option of tox's, which may stand without a blank.
	tox = regexp.MustCompile(`(?m)^[ \t]*(?:[^\s:]+:[ \t]+|deps[ \t]*=[ \t]*)?-[rc][ \t]*([^\s#;]+)`)
)

// maxIncludes bounds how many lists a file may name.
const maxIncludes = 1000

// Of finds the lists that a file names. isList says that it is one itself.
func Of(name string, src []byte, isList bool) []Include {
	var out []Include
	seen := map[string]bool{}
	add := func(name []byte, sure, own bool) {
		if s := string(name); !seen[s] && len(out) < maxIncludes && len(s) < 500 {
			seen[s] = true
			out = append(out, Include{Name: s, Sure: sure, Own: own})
		}
	}
	if isList {
		for _, m := range own.FindAllSubmatch(src, -1) {
			add(m[1], true, true)
		}
		return out
	}
	base := path.Base(strings.ToLower(name))
	if base == "tox.ini" || base == "setup.cfg" {
		for _, m := range tox.FindAllSubmatch(src, -1) {
			add(m[1], true, true)
		}
	}
	structured := false
	switch path.Ext(base) {
	case ".toml", ".yml", ".yaml", ".json":
		structured = true
		each(src, keys, func(start int) {
			if m := keyed.FindSubmatch(src[start:min(len(src), start+maxName)]); m != nil {
				add(m[1], false, false)
			}
		})
	}
	if !structured && !bytes.Contains(src, []byte("pip")) && !bytes.Contains(src, []byte("uv ")) {
		return out
	}
	each(src, options, func(start int) {
		m := option.FindSubmatchIndex(src[start:min(len(src), start+maxName)])
		if m == nil {
			return
		}
		before := line(src, start)
		sure := bytes.Contains(before, []byte("pip")) || bytes.Contains(before, []byte("uv "))
		if sure || item(before) || src[start] == '"' || src[start] == '\'' {
			add(src[start+m[2]:start+m[3]], sure, false)
		}
	})
	return out
}

// each visits the places of words, from the character before them on. A search
// for the words alone is many times faster than one by expressions.
func each(src []byte, words [][]byte, visit func(start int)) {
	for _, w := range words {
		for at := 0; ; {
			i := bytes.Index(src[at:], w)
			if i < 0 {
				break
			}
			visit(max(0, at+i-1))
			at += i + len(w)
		}
	}
}

// keys are the words that keyed looks at.
var keys = [][]byte{[]byte("requirements"), []byte("file")}

// options are what an option begins with.
var options = [][]byte{[]byte("-r"), []byte("-c")}

// maxName bounds an option with the name behind it.
const maxName = 600

// maxLine is how far back the beginning of a command is looked for.
const maxLine = 2000

// line is the command up to a place, with the lines that it goes on from.
func line(src []byte, at int) []byte {
	b := src[max(0, at-maxLine):at]
	for end := len(b); ; {
		i := bytes.LastIndexAny(b[:end], "\n;&|")
		if i < 0 {
			return b
		}
		if b[i] != '\n' || !bytes.HasSuffix(bytes.TrimRight(b[:i], " \t\r"), []byte(`\`)) {
			return b[i+1:]
		}
		end = i
	}
}

// item is true for what comes before the first word of a line or of an item.
func item(before []byte) bool { return len(bytes.Trim(before, " \t-")) == 0 }
