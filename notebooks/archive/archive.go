// Package archive reads zip archives whose makers are not to be trusted, such
// as DBC exports, wheels and jars, and writes them anew with some members
// replaced.
//
// An archive is a container, not a layer of encoding: a member is replaced as
// a whole, and every byte that does not belong to one is copied as it is. What
// an archive claims is checked before it is relied on: sizes bound what is
// inflated, members may not overlap, and what one reader could take for
// something else than another does is never written.
//
// The package knows nothing of notebooks.
package archive

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits bound what is read of one archive.
type Limits struct {
	Members   int   // in the directory
	Directory int64 // bytes of the directory
	Inflated  int64 // bytes of all members together
	// Ratio bounds how many times a member of more than RatioFrom bytes may be
	// larger than what it is packed in, and AllRatio the same for all members
	// together of more than AllFrom bytes and the archive.
	Ratio, RatioFrom  int64
	AllRatio, AllFrom int64
}

// DefaultLimits leave room for the export of a large workspace and for a jar
// with all its dependencies.
var DefaultLimits = Limits{Members: 250_000, Directory: 64 << 20, Inflated: 4 << 30,
	Ratio: 250, RatioFrom: 4 << 20, AllRatio: 100, AllFrom: 256 << 20}

// Errors with which an archive is refused as a whole, wrapped.
var (
	// ErrFormat: the file is no zip archive, or not all of one.
	ErrFormat = errors.New("not a complete zip archive")
	// ErrLimit: the archive is larger than the limits allow.
	ErrLimit = errors.New("the archive is too large to be read")
	// ErrOverlap: two members share bytes, as only bombs have them.
	ErrOverlap = errors.New("members of the archive overlap")
)

// Archive is the directory of an archive.
type Archive struct {
	// Members are the files in the archive, in the order of the directory.
	Members []*Member
	// Fixed says why the archive can be read and not be rewritten; empty when
	// it can be.
	Fixed string

	size           int64
	base           int64 // what stands before the archive in the file
	dir, dirEnd    int64 // the directory in the file
	count          int64 // its entries
	records        []record
	end64, locator int64 // zip64's end record and what points to it; 0 without
	end            int64 // the end record
}

// Member is a file in an archive.
type Member struct {
	Name string
	// Size is the number of bytes it inflates to.
	Size int64
	// Unread is why it is not read; empty when it can be.
	Unread string

	method uint16
	crc    uint32
	packed int64
	data   int64 // where its packed bytes begin
	index  int   // of its record
}

// Suffixes are those of files that are zip archives.
var Suffixes = []string{".dbc", ".zip", ".jar", ".whl", ".egg"}

// Is tells an archive by its name.
func Is(name string) bool {
	return slices.Contains(Suffixes, strings.ToLower(path.Ext(name)))
}

// Join is the name under which a member of an archive is reported.
func Join(archive, member string) string { return archive + "!/" + member }

// Of is the archive that a file with a name made by Join is in, empty for any
// other name.
func Of(name string) string {
	if a, _, ok := strings.Cut(name, "!/"); ok && Is(a) {
		return a
	}
	return ""
}

// Read reads the directory of an archive and checks it against the headers of
// the members.
func Read(r io.ReaderAt, size int64, limits Limits) (*Archive, error) {
	a := &Archive{size: size}
	if err := a.readEnd(r); err != nil {
		return nil, err
	}
	if err := a.readDirectory(r, limits); err != nil {
		return nil, err
	}
	if err := a.readHeaders(r); err != nil {
		return nil, err
	}
	if err := a.checkOverlap(); err != nil {
		return nil, err
	}
	a.listMembers(limits)
	return a, nil
}

// listMembers makes the members that can be read or must be reported.
func (a *Archive) listMembers(limits Limits) {
	seen := make(map[string]bool, len(a.records))
	most := min(limits.Inflated, max(limits.AllFrom, limits.AllRatio*a.size))
	var inflated int64
	for i := range a.records {
		rec := &a.records[i]
		if seen[rec.name] {
			a.fix("two of its members are named " + Printable(rec.name))
		}
		seen[rec.name] = true
		if why := unsafeName(rec.name); why != "" {
			a.fix(why)
		}
		if strings.HasSuffix(rec.name, "/") && rec.size == 0 {
			continue // a folder
		}
		m := &Member{Name: rec.name, Size: rec.size, method: rec.method, crc: rec.crc,
			packed: rec.packed, data: rec.data, index: i}
		m.Unread = rec.unread(limits)
		if m.Unread == "" {
			if inflated += rec.size; inflated > most {
				m.Unread = fmt.Sprintf("with those before it, it inflates to more than %s", megabytes(most))
			}
		}
		a.Members = append(a.Members, m)
	}
}

func (a *Archive) fix(why string) {
	if a.Fixed == "" {
		a.Fixed = why
	}
}

// unread is why a member is not read.
func (rec *record) unread(limits Limits) string {
	switch {
	case rec.flags&flagEncrypted != 0:
		return "it is encrypted"
	case rec.method != stored && rec.method != deflated:
		return fmt.Sprintf("it is packed by a method that is not supported (%d)", rec.method)
	case rec.size > limits.RatioFrom && rec.size/limits.Ratio > rec.packed:
		return fmt.Sprintf("it inflates to more than %d times its size", limits.Ratio)
	case Is(rec.name):
		return "an archive in an archive is not read"
	}
	return ""
}

// unsafeName is why a name is none that an export writes.
func unsafeName(name string) string {
	switch {
	case strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':':
		return "a member has an absolute name: " + Printable(name)
	case slices.Contains(strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' }), ".."):
		return "a member's name leads out of the archive: " + Printable(name)
	case name == "" || strings.ContainsRune(name, 0):
		return "a member has a name that is none: " + Printable(name)
	}
	return ""
}

// Printable is a member's name as it is shown: cut short where it is endless.
func Printable(name string) string {
	const longest = 200
	if len(name) > longest {
		n := longest
		for n > 0 && !utf8.RuneStart(name[n]) {
			n--
		}
		name = name[:n] + "…"
	}
	return name
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MB", n>>20)
}
