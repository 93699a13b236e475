package emulator

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/files"
)

// maxBlock is how much DBFS gives or takes in one call. [sdk: Dbfs]
const maxBlock = 1 << 20

// dbfsPath is the path that a call is about.
func dbfsPath(p string) (string, error) {
	p = strings.TrimPrefix(p, "dbfs:")
	if !strings.HasPrefix(p, "/") {
		return "", invalid("Path must be absolute: %s", p)
	}
	return path.Clean(p), nil
}

// dbfsFile finds the file or folder that a call is about.
func (c *call) dbfsFile(asked string) (string, storedFile, bool, error) {
	p, err := dbfsPath(asked)
	if err != nil {
		return "", storedFile{}, false, err
	}
	if d := c.denialOf("dbfs:" + p); d <= NoRead {
		return "", storedFile{}, false, denied("User %s does not have permission to read %s", c.opt.User, p)
	}
	if f, ok := c.store.dbfs[p]; ok {
		return p, f, false, nil
	}
	if _, ok := within(c.store.dbfs, p); ok || p == "/" {
		return p, storedFile{}, true, nil
	}
	return "", storedFile{}, false, missing("No file or directory exists on path %s.", p)
}

func dbfsStatus(c *call) error {
	if err := c.only("path"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, f, dir, err := c.dbfsFile(c.query.Get("path"))
	if err != nil {
		return err
	}
	return c.json(files.FileInfo{Path: p, IsDir: dir, FileSize: int64(len(f.content)), ModificationTime: f.modified})
}

func dbfsList(c *call) error {
	if err := c.only("path"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, f, dir, err := c.dbfsFile(c.query.Get("path"))
	if err != nil {
		return err
	}
	entries := []entry{{path: p, file: f}}
	if dir {
		entries, _ = within(c.store.dbfs, p)
	}
	var list []any
	for _, e := range entries {
		list = append(list, files.FileInfo{Path: e.path, IsDir: e.dir, FileSize: int64(len(e.file.content)), ModificationTime: e.file.modified})
	}
	return c.json(answer("files", list, ""))
}

// dbfsRead gives a part of a file: half a megabyte unless told, a megabyte at
// most. [sdk: ReadDbfsRequest]
func dbfsRead(c *call) error {
	if err := c.only("path", "offset", "length"); err != nil {
		return err
	}
	offset, err := c.number("offset", 0, 0, 1<<62)
	if err != nil {
		return err
	}
	length, err := c.number("length", maxBlock/2, 0, 1<<62)
	if err != nil {
		return err
	}
	if length > maxBlock {
		return &apiError{http.StatusBadRequest, "MAX_READ_SIZE_EXCEEDED", fmt.Sprintf("Read length %d exceeds the limit of %d bytes", length, maxBlock), ""}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, f, dir, err := c.dbfsFile(c.query.Get("path"))
	if err != nil {
		return err
	}
	if dir {
		return invalid("Cannot read a directory: %s", p)
	}
	start := min(offset, int64(len(f.content)))
	part := f.content[start:min(start+length, int64(len(f.content)))]
	return c.json(map[string]any{"bytes_read": len(part), "data": base64.StdEncoding.EncodeToString(part)})
}

// dbfsPut stores a small file. [sdk: Put]
func dbfsPut(c *call) error {
	var body files.Put
	if err := c.decode(&body); err != nil {
		return err
	}
	content, err := base64.StdEncoding.DecodeString(body.Contents)
	if err != nil {
		return invalid("Invalid base64 contents")
	}
	if len(content) > maxBlock {
		return &apiError{http.StatusBadRequest, "MAX_BLOCK_SIZE_EXCEEDED", "The contents exceed 1 MB.", ""}
	}
	p, err := dbfsPath(body.Path)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f, there := c.store.dbfs[p]
	if there && !body.Overwrite {
		return &apiError{http.StatusBadRequest, "RESOURCE_ALREADY_EXISTS", "A file or directory already exists at the input path " + p + ".", ""}
	}
	if c.denialOf("dbfs:"+p) <= NoWrite {
		return denied("User %s does not have permission to write %s", c.opt.User, p)
	}
	if c.store.dbfs == nil {
		c.store.dbfs = map[string]storedFile{}
	}
	c.store.dbfs[p] = storedFile{content, c.opt.Now().UnixMilli(), f.writes + 1}
	return c.json(struct{}{})
}
