// Package mirror keeps a folder of the local disk as a copy of a folder of a
// workspace: it fetches what changed there, removes what is gone there, and
// leaves alone what somebody changed here.
//
// Beside the copies stands a folder of the mirror's own, .imdsscan, which says
// of each object what it is and which bytes were exported; docs/mirror.md
// describes it. There is one file for each folder of the workspace, so that
// neither an export nor a reader has to hold more than a folder in memory, and
// a folder is what is done or not done when an export ends before its time.
//
// The package knows no rule and no finding. It writes nothing into a workspace,
// and nothing outside of its folder.
package mirror

import (
	"strings"
	"time"

	sdk "github.com/databricks/databricks-sdk-go/service/workspace"

	"github.com/imdsscan/imdsscan/workspace"
)

// Own is the folder of a mirror in which the mirror keeps its own files.
const Own = ".imdsscan"

// Version is that of the files in it. Readers refuse a later one.
const Version = 1

const (
	scriptsFolder     = "@init-scripts"
	definitionsFolder = "@definitions"
)

// Head says what a folder is a mirror of.
type Head struct {
	Version int `json:"version"`
	// Host is the workspace and Root the folder or object in it.
	Host string `json:"host"`
	Root string `json:"root"`
	// User is as whom the objects were read last, Tool what read them.
	User string `json:"user"`
	Tool string `json:"tool"`
	// Started is when the last export began, Finished when it was done; zero
	// while it is not.
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
	// Failed is the number of objects and folders that it could not read or
	// write.
	Failed int `json:"failed,omitempty"`
}

// Entry is an object of the workspace and its copy.
type Entry struct {
	// Path is the object's in the workspace. What stands in no folder has a name
	// in words, which does not begin with a slash.
	Path string         `json:"path"`
	ID   int64          `json:"id,omitempty"`
	Type sdk.ObjectType `json:"type,omitempty"`
	// Kind is what it is that stands in no folder of the workspace: init script,
	// file, cluster, job and so on. Ref is its id there, URL where the browser
	// shows it.
	Kind string `json:"kind,omitempty"`
	Ref  string `json:"ref,omitempty"`
	URL  string `json:"url,omitempty"`
	// Format and Language are a notebook's, as they are stored.
	Format   sdk.ExportFormat `json:"format,omitempty"`
	Language sdk.Language     `json:"language,omitempty"`
	// ModifiedAt is in milliseconds since 1970, as the service tells it; 0 when
	// it does not.
	ModifiedAt int64 `json:"modified_at,omitempty"`
	// Git is the root of the Git folder that the object is in.
	Git string `json:"git,omitempty"`
	// Users are the clusters, jobs and so on that run it as an init script.
	Users []string `json:"used_by,omitempty"`

	// Local is the copy, a slash separated path in the mirror; empty when there
	// is none.
	Local string `json:"local,omitempty"`
	// SHA256 and Size are of the bytes that were exported.
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size,omitempty"`
	// ExportedAt is when these bytes were read from the workspace last, in
	// milliseconds. WrittenAt is the time of the copy in nanoseconds: one that
	// has it, and the size, is taken to hold these bytes still.
	ExportedAt int64 `json:"exported_at,omitempty"`
	WrittenAt  int64 `json:"written_at,omitempty"`
	// Gone: the workspace has no such object any more, or its copy has another
	// name; the copy is still there because it was changed here.
	Gone bool `json:"gone,omitempty"`
	// Kept is why the copy was left as it is although it is not what the
	// workspace has; Error why there is none, or none as new as in the
	// workspace; Skipped why none is made.
	Kept    string `json:"kept,omitempty"`
	Error   string `json:"error,omitempty"`
	Skipped string `json:"skipped,omitempty"`
}

// Name is the object as reports name it.
func (e *Entry) Name() string { return nameOf(e.Path) }

func nameOf(path string) string {
	if strings.HasPrefix(path, "/") {
		return workspace.Scheme + path
	}
	return workspace.Scheme + " " + path
}

// isFolder reports whether the entry is that of a folder, which has entries of
// its own.
func (e *Entry) isFolder() bool {
	return e.Type == sdk.ObjectTypeDirectory || e.Type == sdk.ObjectTypeRepo
}
