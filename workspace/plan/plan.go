// Package plan is what is to be written to a workspace, as a file that a person
// reads and apply carries out: each object with the content that is there, the
// content that is to be there, and the difference. A plan is for one workspace,
// one user, one version of the tool and of its rules. The same objects make the
// same bytes. It holds no secrets but those in the code and the configurations that
// it changes.
//
// It talks to nobody and writes nothing but its own file.
package plan

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report"
)

// Version is the version of the file's format: the one this program writes, and
// the only one it reads.
const Version = 1

const kind = "imdsscan plan"

// MaxContent bounds an object's content, in bytes. The service imports 10 MB,
// its product shows notebooks of up to 100 MB.
const MaxContent = 100 << 20

// Plan is the file.
type Plan struct {
	Kind    string `json:"kind"`
	Version int    `json:"version"`
	// Digest is the hash of all else in the file.
	Digest string `json:"digest"`
	For    For    `json:"for"`
	// Objects are in the order in which they are written: policies first, for
	// they decide what clusters may have; then by name.
	Objects []Object `json:"objects"`
	// Left are objects with fixes that are not to be written, ordered by name.
	Left []Left `json:"left"`
}

// For is what a plan is bound to.
type For struct {
	Host  string `json:"host"`
	User  string `json:"user"`
	Tool  string `json:"tool_version"`
	Rules string `json:"rules_version"`
}

// The types of init scripts that lie outside of the tree of notebooks and files.
const (
	TypeGlobal = "GLOBAL_INIT_SCRIPT"
	TypeVolume = "VOLUME_FILE"
	TypeDBFS   = "DBFS_FILE"
)

// The types of what is configured. Their content is the configuration, as
// package patch writes it down.
const (
	TypeCluster = "CLUSTER"
	TypePolicy  = "POLICY"
)

// Object is an object that is to be written.
type Object struct {
	// Name is how reports call it: workspace:/Users/ana/etl.
	Name string `json:"name"`
	// ID, Type, Format and Language are the service's own words, but for the
	// types above; of files in volumes and DBFS the ID is the path. Format is
	// empty but for notebooks; Language is the one to import with.
	ID       string `json:"id"`
	Type     string `json:"type"`
	Format   string `json:"format,omitempty"`
	Language string `json:"language,omitempty"`
	// Before and After are the SHA-256 of the content as it is exported, now
	// and after.
	Before   string    `json:"sha256_before"`
	After    string    `json:"sha256_after"`
	Findings []Finding `json:"findings_fixed"`
	// UsedBy are the clusters, jobs and so on that run it as an init script.
	UsedBy []string `json:"used_by,omitempty"`
	// Restart: the cluster runs, and the change restarts it. Only where the plan
	// says so is a cluster written that runs.
	Restart bool   `json:"restart,omitempty"`
	Diff    string `json:"diff"`
	// Content is the new content, compressed with gzip.
	Content []byte `json:"content_gzip"`
}

// Finding is a finding that the new content has no more.
type Finding struct {
	Rule        string `json:"rule"`
	Line        int    `json:"line"`
	Column      int    `json:"column"`
	Cell        int    `json:"cell,omitempty"`
	Message     string `json:"message"`
	Fingerprint string `json:"fingerprint"`
}

// Turn is when it is the type's turn to be written, forth and back.
func Turn(objectType string) int {
	if objectType == TypePolicy {
		return 0
	}
	return 1
}

// less is the order of the objects of a plan.
func less(a, b *Object) int {
	return cmp.Or(cmp.Compare(Turn(a.Type), Turn(b.Type)), strings.Compare(a.Name, b.Name))
}

// Left is an object with fixes that the plan does not write.
type Left struct {
	Name string `json:"name"`
	// Why it is not written, and what to do instead.
	Why      string    `json:"why"`
	Advice   string    `json:"advice"`
	Findings []Finding `json:"findings"`
	Diff     string    `json:"diff"`
}

// New is the object with its change.
func New(o Object, before, after []byte) (Object, error) {
	o.Before, o.After, o.Diff = hash(before), hash(after), Diff(o.Name, before, after)
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, err := z.Write(after)
	if e := z.Close(); err == nil {
		err = e
	}
	o.Content = buf.Bytes()
	return o, err
}

// Diff is the difference as a plan shows it.
func Diff(name string, before, after []byte) string {
	var sb strings.Builder
	report.UnifiedDiff(&sb, name, string(before), string(after))
	// What is no text would not come back from JSON as it was.
	return strings.ToValidUTF8(sb.String(), "�")
}

func hash(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// NewContent is the content that is to be written.
func (o *Object) NewContent() ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(o.Content))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, MaxContent+1))
	if err != nil {
		return nil, err
	}
	if len(out) > MaxContent {
		return nil, fmt.Errorf("the new content is over %d MB", MaxContent>>20)
	}
	if hash(out) != o.After {
		return nil, errors.New("the new content is not the one that the plan's hash names")
	}
	return out, nil
}

// Shows reports whether the plan's diff is the difference to this content: what
// was reviewed is what is written.
func (o *Object) Shows(before, after []byte) bool { return o.Diff == Diff(o.Name, before, after) }

// Sort puts the objects in order.
func (p *Plan) Sort() {
	slices.SortFunc(p.Objects, func(a, b Object) int { return less(&a, &b) })
	slices.SortFunc(p.Left, func(a, b Left) int { return strings.Compare(a.Name, b.Name) })
}

// Seal sets the digest, and makes the plan complete.
func (p *Plan) Seal() error {
	p.Kind, p.Version = kind, Version
	if p.Objects == nil {
		p.Objects = []Object{}
	}
	if p.Left == nil {
		p.Left = []Left{}
	}
	d, err := p.digest()
	p.Digest = d
	if err != nil {
		return err
	}
	return p.check()
}

func (p *Plan) digest() (string, error) {
	q := *p
	q.Digest = ""
	b, err := json.Marshal(q)
	return hash(b), err
}

// Encode is the file's content.
func (p *Plan) Encode() ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(p)
	return buf.Bytes(), err
}

// Save writes the plan to a file that only the user reads. A file that is there
// is replaced, whole.
func (p *Plan) Save(file string) error {
	b, err := p.Encode()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".imdsscan-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
