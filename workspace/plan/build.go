package plan

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
)

// Choice is what is written beside ordinary notebooks and files.
type Choice struct {
	GitFolders, Bundles, InitScripts bool
}

// Build is the plan for all that the scan can fix.
func Build(at For, files []result.File, c Choice) (*Plan, error) {
	p := &Plan{For: at}
	for i := range files {
		f := &files[i]
		if f.Fixed == nil || f.Object == nil {
			continue
		}
		if why, advice := c.leaves(f); why != "" {
			p.Left = append(p.Left, Left{Name: f.Path, Why: why, Advice: advice, Findings: Fixed(f), Diff: Diff(f.Path, f.Source, f.Fixed)})
			continue
		}
		o := Object{Name: f.Path, ID: f.Object.ID, Type: "FILE", Findings: Fixed(f), UsedBy: f.Object.Users}
		switch at, inDBFS := strings.CutPrefix(f.Object.Path, "dbfs:"); {
		case inTree(f) && f.Object.Format != "":
			o.Type, o.Format, o.Language = "NOTEBOOK", f.Object.Format, f.Object.Language
		case inTree(f):
		case f.Object.ID != "":
			o.Type = TypeGlobal
		case inDBFS:
			o.Type, o.ID = TypeDBFS, at
		default:
			o.Type, o.ID = TypeVolume, at
		}
		o, err := New(o, f.Source, f.Fixed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		p.Objects = append(p.Objects, o)
	}
	p.Sort()
	return p, p.Seal()
}

// inTree tells notebooks and files from what else the workspace holds.
func inTree(f *result.File) bool { return f.Path == workspace.Scheme+f.Object.Path }

// leaves tells why an object is not written, and what to do instead.
func (c Choice) leaves(f *result.File) (why, advice string) {
	o := f.Object
	at := workspace.Object{Path: o.Path}
	switch {
	case f.Archive != "":
		return "it is in an archive", "change what the archive is made from, and put it there anew"
	case o.Kind == "file" && !inTree(f):
		return "it is a list of packages outside of the workspace's folders", "change it where it is kept"
	case o.Kind != "notebook" && o.Kind != "file" && o.Kind != "init script":
		return "it is the definition of a " + o.Kind, "change it in the workspace's settings, or in what it is made from (Terraform, a bundle)"
	case o.Git != "" && !c.GitFolders:
		return "it is in the Git folder " + o.Git,
			"make the change in the repository and pull it into the folder, or take --include-git-folders, which leaves an uncommitted change there"
	case at.Bundle() && !c.Bundles:
		return "a bundle put it there",
			"make the change in the bundle's sources and deploy it, or take --include-bundles, which lasts until the next deployment"
	case len(o.Users) > 0 && !c.InitScripts:
		return "it is the init script of " + strings.Join(o.Users, ", "),
			"take --include-init-scripts, and restart what runs it"
	}
	return "", ""
}

// Fixed are the findings that the file has no more once it is fixed.
func Fixed(f *result.File) []Finding {
	out := []Finding{}
	for i := range f.Findings {
		if f.Findings[i].Fixed {
			out = append(out, FindingOf(&f.Findings[i]))
		}
	}
	return out
}

// FindingOf is a finding as plans hold it.
func FindingOf(fd *result.Finding) Finding {
	x := Finding{Rule: fd.Rule, Line: fd.Start.Line, Column: fd.Start.Column, Message: strings.ToValidUTF8(fd.Message, "\ufffd"), Fingerprint: fd.Fingerprint}
	if fd.Cell != nil {
		x.Cell, x.Line, x.Column = fd.Cell.Number, fd.Cell.Start.Line, fd.Cell.Start.Column
	}
	return x
}
