package emulator

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/files"
)

// storage are the files of volumes and of DBFS, by their full paths. Folders
// are where files are.
type storage struct {
	volumes, dbfs map[string]storedFile
}

type storedFile struct {
	content  []byte
	modified int64
	writes   int
}

// AddVolumeFile stores a file in a volume: /Volumes/catalog/schema/volume/….
func (s *Server) AddVolumeFile(p string, content []byte) { s.addStored(&s.store.volumes, p, content) }

// AddDBFS stores a file in DBFS, with or without dbfs: before the path.
func (s *Server) AddDBFS(p string, content []byte) {
	s.addStored(&s.store.dbfs, strings.TrimPrefix(p, "dbfs:"), content)
}

func (s *Server) addStored(m *map[string]storedFile, p string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *m == nil {
		*m = map[string]storedFile{}
	}
	(*m)[path.Clean(p)] = storedFile{bytes.Clone(content), s.opt.Now().UnixMilli(), 0}
}

// VolumeFile is the content of a file in a volume.
func (s *Server) VolumeFile(p string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.store.volumes[p]
	return f.content, ok
}

// DBFS is the content of a file in DBFS.
func (s *Server) DBFS(p string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.store.dbfs[strings.TrimPrefix(p, "dbfs:")]
	return f.content, ok
}

// entry is a file or a folder in a folder.
type entry struct {
	path string
	dir  bool
	file storedFile
}

// within are the files and folders in a folder; false when there is none.
func within(m map[string]storedFile, dir string) ([]entry, bool) {
	prefix := strings.TrimSuffix(dir, "/") + "/"
	found := map[string]entry{}
	for p, f := range m {
		below, ok := strings.CutPrefix(p, prefix)
		if !ok {
			continue
		}
		name, _, deeper := strings.Cut(below, "/")
		e := entry{path: prefix + name, dir: deeper}
		if !deeper {
			e.file = f
		}
		found[name] = e
	}
	list := make([]entry, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		list = append(list, found[name])
	}
	return list, len(list) > 0
}

func notFound(what string) error {
	return &apiError{http.StatusNotFound, "NOT_FOUND", "The " + what + " being accessed is not found.", ""} // [issue]
}

// volumeFile finds the file that a call is about.
func (c *call) volumeFile() (storedFile, error) {
	p := c.params["path"]
	f, ok := c.store.volumes[p]
	switch d := c.denialOf(p); {
	case !ok || d == Hidden:
		return f, notFound("file")
	case d == NoRead:
		return f, denied("User does not have READ VOLUME on Volume '%s'.", strings.Join(strings.Split(p, "/")[2:min(5, strings.Count(p, "/")+1)], "."))
	}
	return f, nil
}

// getFile downloads a file, or tells of it. [sdk: Files]
func getFile(c *call) error {
	if err := c.only(); err != nil {
		return err
	}
	if err := volumesOnly(c.params["path"]); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f, err := c.volumeFile()
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/octet-stream")
	c.w.Header().Set("Last-Modified", time.UnixMilli(f.modified).UTC().Format(http.TimeFormat))
	if c.r.Method == http.MethodHead {
		c.w.Header().Set("Content-Length", fmt.Sprint(len(f.content)))
		return nil
	}
	_, err = c.w.Write(f.content)
	return err
}

func volumesOnly(p string) error {
	if !strings.HasPrefix(p, "/Volumes/") {
		return invalid("Invalid path: %s. The path must begin with /Volumes", p)
	}
	return nil
}

// putFile uploads a file. [sdk: Files.Upload]
func putFile(c *call) error {
	if err := c.only("overwrite"); err != nil {
		return err
	}
	overwrite, err := c.flag("overwrite")
	if err != nil {
		return err
	}
	p := c.params["path"]
	if err := volumesOnly(p); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f, there := c.store.volumes[p]
	switch {
	case there && !overwrite:
		return &apiError{http.StatusConflict, "ALREADY_EXISTS", "The file being created already exists.", ""}
	case c.denialOf(p) <= NoWrite:
		return denied("User does not have WRITE VOLUME on Volume '%s'.", path.Dir(p))
	}
	if c.store.volumes == nil {
		c.store.volumes = map[string]storedFile{}
	}
	c.store.volumes[p] = storedFile{bytes.Clone(c.body), c.opt.Now().UnixMilli(), f.writes + 1}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// listDirectory lists a folder of a volume in pages. [sdk: Files]
func listDirectory(c *call) error {
	if err := c.only("page_size", "page_token"); err != nil {
		return err
	}
	size, err := c.number("page_size", 1000, 0, 1000)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := strings.TrimSuffix(c.params["path"], "/")
	all, ok := within(c.store.volumes, p)
	if !ok || c.denialOf(p) <= NoRead {
		return notFound("directory")
	}
	if c.r.Method == http.MethodHead {
		return nil
	}
	if size == 0 {
		size = 1000
	}
	some, next, err := page("files", all, c.query.Get("page_token"), size)
	if err != nil {
		return err
	}
	var list []any
	for _, e := range some {
		list = append(list, files.DirectoryEntry{Path: e.path, Name: path.Base(e.path), IsDirectory: e.dir,
			FileSize: int64(len(e.file.content)), LastModified: e.file.modified})
	}
	return c.json(answer("contents", list, next))
}
