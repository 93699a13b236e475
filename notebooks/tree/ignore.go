package tree

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// rules are the patterns of one folder's ignore files, and those of the
// folders above it in the same repository.
type rules struct {
	above    *rules
	dir      string // the folder, resolved, with a slash at its end
	patterns []pattern
}

// ignored tells whether an entry is excluded. The last pattern that matches
// decides, those of inner folders before those of outer ones.
func (r *rules) ignored(path string, isDir bool) bool {
	name := path[strings.LastIndexByte(path, '/')+1:]
	for ; r != nil; r = r.above {
		for i := len(r.patterns) - 1; i >= 0; i-- {
			p := &r.patterns[i]
			if p.dirOnly && !isDir {
				continue
			}
			text := name
			if p.anchored {
				text = path[len(r.dir):]
			}
			if p.match(text) {
				return !p.include
			}
		}
	}
	return false
}

// rulesOf are the rules inside of a folder with the given entries. A folder
// that is a repository of its own takes nothing from above.
func rulesOf(dir string, entries []fs.DirEntry, above *rules) *rules {
	var patterns []pattern
	for _, e := range entries {
		switch e.Name() {
		case ".git":
			above = nil
			patterns = excludePatterns(join(dir, ".git"))
		case ".gitignore":
			if !e.Type().IsRegular() { // git does not follow a link either
				continue
			}
			// One that cannot be read excludes nothing; as a file of the
			// folder it is read again, and the failure reported.
			b, _ := os.ReadFile(join(dir, ".gitignore"))
			patterns = append(patterns, parseIgnore(b)...)
		}
	}
	if len(patterns) == 0 && above != nil {
		return above
	}
	return &rules{above: above, dir: strings.TrimSuffix(dir, "/") + "/", patterns: patterns}
}

// rulesAbove are the rules that hold for a folder from its parents, up to the
// root of the repository; none outside of a repository.
func rulesAbove(dir string) *rules {
	var parents []string // innermost first
	for d := dir; ; {
		if _, err := os.Lstat(join(d, ".git")); err == nil {
			break
		}
		up := filepath.Dir(d)
		if up == d {
			return &rules{}
		}
		d = up
		parents = append(parents, d)
	}
	r := &rules{}
	for i := len(parents) - 1; i >= 0; i-- {
		var found []fs.DirEntry
		for _, name := range []string{".git", ".gitignore"} {
			if info, err := os.Lstat(join(parents[i], name)); err == nil {
				found = append(found, fs.FileInfoToDirEntry(info))
			}
		}
		r = rulesOf(parents[i], found, r)
	}
	return r
}

// excludePatterns are a repository's own patterns, kept outside of its files.
// In a worktree or a submodule .git is a file that says where they are.
func excludePatterns(git string) []pattern {
	if b, err := os.ReadFile(git); err == nil {
		to, ok := strings.CutPrefix(strings.TrimSpace(string(b)), "gitdir: ")
		if !ok {
			return nil
		}
		git = relativeTo(filepath.Dir(git), to)
		if b, err := os.ReadFile(filepath.Join(git, "commondir")); err == nil {
			git = relativeTo(git, strings.TrimSpace(string(b)))
		}
	}
	b, err := os.ReadFile(filepath.Join(git, "info", "exclude"))
	if err != nil {
		return nil
	}
	return parseIgnore(b)
}

func relativeTo(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// parseIgnore reads an ignore file.
func parseIgnore(b []byte) []pattern {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	var out []pattern
	for len(b) > 0 {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte("\n"))
		if p, ok := parsePattern(string(bytes.TrimSuffix(line, []byte("\r")))); ok {
			out = append(out, p)
		}
	}
	return out
}
