package apply

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/files"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// The types of init scripts outside of the tree. A plan's ID is the script's
// own, or the path of the file.
const (
	typeGlobal = plan.TypeGlobal
	typeVolume = plan.TypeVolume
	typeDBFS   = plan.TypeDBFS
)

// file is what all have in common that are not in the tree: no format, no DBC
// copy, no probe. A second global init script would run on clusters.
type file struct{}

func (file) settled(context.Context, *plan.Object) (bool, error) { return false, nil }

func (file) archive(context.Context, *plan.Object, journal.Identity) ([]byte, error) { return nil, nil }
func (file) scratch(*plan.Object, string) *plan.Object                               { return nil }

// globals are the global init scripts.
type globals struct {
	file
	c *workspace.Client
	// last is the script as it was last seen: a write has to name all of it.
	last *compute.GlobalInitScriptDetailsWithContent
}

func (g *globals) stat(ctx context.Context, o *plan.Object) (journal.Identity, error) {
	s, err := compute.NewGlobalInitScripts(g.c.API).GetByScriptId(ctx, o.ID)
	if err != nil {
		return journal.Identity{}, g.c.Explain(o.Name, err)
	}
	g.last = s
	return journal.Identity{ID: o.ID, Type: typeGlobal, ModifiedAt: int64(s.UpdatedAt)}, nil
}

func (g *globals) read(ctx context.Context, o *plan.Object, is journal.Identity) ([]byte, error) {
	if _, err := g.stat(ctx, o); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(g.last.Script)
}

// write leaves the position out: one that is given moves other scripts.
func (g *globals) write(ctx context.Context, o *plan.Object, is journal.Identity, content []byte) error {
	return g.c.ExplainWrite(o.Name, compute.NewGlobalInitScripts(g.c.API).Update(workspace.Once(ctx), compute.GlobalInitScriptUpdateRequest{
		ScriptId: o.ID, Name: g.last.Name, Enabled: g.last.Enabled, Script: base64.StdEncoding.EncodeToString(content),
		ForceSendFields: []string{"Enabled"}}))
}

// permissions are what else a script has.
func (g *globals) permissions(ctx context.Context, o *plan.Object, is journal.Identity) (string, error) {
	if _, err := g.stat(ctx, o); err != nil {
		return "", err
	}
	b, err := json.Marshal(map[string]any{"name": g.last.Name, "enabled": g.last.Enabled, "position": g.last.Position})
	return string(b), err
}

// volumes are files of Unity Catalog volumes. Permissions are the volume's, not
// theirs.
type volumes struct {
	file
	c *workspace.Client
}

func (v *volumes) stat(ctx context.Context, o *plan.Object) (journal.Identity, error) {
	_, err := files.NewFiles(v.c.API).GetMetadataByFilePath(ctx, o.ID)
	return journal.Identity{ID: o.ID, Type: typeVolume}, v.c.Explain(o.Name, err)
}

func (v *volumes) read(ctx context.Context, o *plan.Object, is journal.Identity) ([]byte, error) {
	return inventory.Content(ctx, v.c, &inventory.Use{Storage: inventory.Volume, Path: o.ID})
}

func (v *volumes) write(ctx context.Context, o *plan.Object, is journal.Identity, content []byte) error {
	return v.c.ExplainWrite(o.Name, files.NewFiles(v.c.API).Upload(workspace.Once(ctx), files.UploadRequest{
		FilePath: o.ID, Overwrite: true, Contents: io.NopCloser(bytes.NewReader(content))}))
}

func (v *volumes) permissions(context.Context, *plan.Object, journal.Identity) (string, error) {
	return "", nil
}

// dbfs are files of DBFS, which has no permissions.
type dbfs struct {
	file
	c *workspace.Client
}

// maxPut is what one request writes. Several would leave half a file behind
// when one of them fails.
const maxPut = 1 << 20

func (d *dbfs) stat(ctx context.Context, o *plan.Object) (journal.Identity, error) {
	s, err := files.NewDbfs(d.c.API).GetStatus(ctx, files.GetStatusRequest{Path: o.ID})
	if err != nil {
		return journal.Identity{}, d.c.Explain(o.Name, err)
	}
	return journal.Identity{ID: o.ID, Type: typeDBFS, ModifiedAt: s.ModificationTime}, nil
}

func (d *dbfs) read(ctx context.Context, o *plan.Object, is journal.Identity) ([]byte, error) {
	return inventory.Content(ctx, d.c, &inventory.Use{Storage: inventory.DBFS, Path: "dbfs:" + o.ID})
}

func (d *dbfs) write(ctx context.Context, o *plan.Object, is journal.Identity, content []byte) error {
	if len(content) > maxPut {
		return &workspace.Error{Object: o.Name, Kind: workspace.ErrTooLarge, Reason: fmt.Sprintf("it is over %d MB, which DBFS does not take in one request", maxPut>>20)}
	}
	return d.c.ExplainWrite(o.Name, files.NewDbfs(d.c.API).Put(workspace.Once(ctx), files.Put{
		Path: o.ID, Overwrite: true, Contents: base64.StdEncoding.EncodeToString(content)}))
}

func (d *dbfs) permissions(context.Context, *plan.Object, journal.Identity) (string, error) {
	return "", nil
}
