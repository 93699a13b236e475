package mirror

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// beside is something that stands in no folder of the workspace: an init script
// in a volume, in DBFS or among the global ones, or the definition of a cluster
// and the like.
type beside struct {
	Entry
	// name is what its local name is made of.
	name string
	read func(context.Context) ([]byte, error)
}

// configured leaves what is configured in the workspace to be exported, and
// notes what uses the init scripts in its tree. Where a part of it cannot be
// read nothing is taken for deleted.
func (x *export) configured() error {
	inv, err := inventory.Read(x.work, x.Client)
	if err != nil {
		return err
	}
	definitions := place{local: definitionsFolder, beside: []beside{}, partial: len(inv.Gaps) > 0}
	scripts := place{local: scriptsFolder, beside: []beside{}, partial: len(inv.Gaps) > 0}
	for _, g := range inv.Gaps {
		definitions.beside = append(definitions.beside, beside{Entry: Entry{Path: g.What, Error: g.Reason}})
	}
	for d := range inv.Definitions() {
		definitions.beside = append(definitions.beside, beside{
			Entry: Entry{Path: d.Name, Kind: d.Kind, Ref: d.ID, URL: d.URL}, name: d.Name + ".json",
			read: func(context.Context) ([]byte, error) { return d.JSON, nil }})
	}
	for _, u := range inv.Images() {
		definitions.beside = append(definitions.beside, beside{Entry: Entry{Path: "container image " + u.Path, Users: u.Users, Skipped: "what it brings is not analysed"}})
	}
	x.users = map[string][]string{}
	for _, u := range append(inv.Scripts(), inv.Files()...) {
		if u.Storage == inventory.Workspace {
			x.users[u.Path] = u.Users
			continue
		}
		if b := script(x.Client, u); b.read != nil || b.Skipped != "" {
			scripts.beside = append(scripts.beside, b)
		}
	}
	for _, p := range []place{definitions, scripts} {
		_, err := x.dir.root.Lstat(p.local)
		if len(p.beside) > 0 || err == nil {
			x.later([]place{p})
		}
	}
	return nil
}

// script is an init script, or a list of requirements, that lies outside of the
// workspace's tree.
func script(c *workspace.Client, u inventory.Use) beside {
	b := beside{Entry: Entry{Path: "init script " + u.Path, Kind: "init script", Ref: u.ID, Users: u.Users}, name: strings.TrimPrefix(u.Path, "/"),
		read: func(ctx context.Context) ([]byte, error) { return inventory.Content(ctx, c, &u) }}
	switch ext := path.Ext(u.Path); {
	case u.Storage == inventory.Global:
		title := strings.Join(strings.Fields(u.Path), " ") + " (" + u.ID + ")"
		b.Path, b.name = "global init script "+title, "global "+title+".sh"
	case ext == ".txt":
		b.Path, b.Kind = "file "+u.Path, "file"
	case ext == ".whl" || ext == ".jar" || ext == ".egg":
		return beside{Entry: Entry{Path: "library " + u.Path, Users: u.Users, Skipped: "what is in it is not analysed"}}
	}
	if !u.Readable() {
		b.Skipped, b.read = "not analysed: it lies in "+string(u.Storage), nil
	}
	return b
}

// besides exports what stands in no folder.
func (f *folder) besides() error {
	if err := f.x.dir.makeFolder(f.at.local); err != nil {
		return err
	}
	var items []*item
	var children []Child
	byPath := map[string]*Entry{}
	for i := range f.old.entries {
		byPath[f.old.entries[i].Path] = &f.old.entries[i]
	}
	seen := map[string]bool{}
	for i := range f.at.beside {
		b := &f.at.beside[i]
		f.x.Counts.Listed.Add(1)
		switch {
		case b.read == nil || seen[b.name]:
			f.x.Counts.Done.Add(1)
			if b.read != nil {
				b.Error = "another one has the same name: only one of the two is exported"
			}
			if b.Error != "" {
				f.x.failed(b.Path, "", errors.New(b.Error))
			} else {
				f.x.Counts.Skipped.Add(1)
			}
			f.now = append(f.now, b.Entry)
		default:
			seen[b.name] = true
			items = append(items, &item{Object: workspace.Object{Path: b.Path}, beside: b})
			children = append(children, Child{Name: b.name})
		}
	}
	for i, name := range LocalNames(children) {
		it := items[i]
		it.stem = path.Join(f.at.local, name)
		if e := byPath[it.Path]; e != nil && e.Local == it.stem {
			it.old = e
		}
	}
	f.removeOthers(items)
	f.objects(items)
	f.x.Counts.Unlisted.Add(-1)
	return f.finish()
}
