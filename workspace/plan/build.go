package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
)

// Found is an object of the workspace and what the scan made of it.
type Found struct {
	Object *workspace.Object
	File   *result.File
	// UsedBy are the clusters, jobs and so on that run it as an init script.
	UsedBy []string
}

// Choice is what is written beside ordinary notebooks and files.
type Choice struct {
	GitFolders, Bundles, InitScripts bool
}

// Build is the plan for all that the scan can fix.
func Build(at For, found []Found, c Choice) (*Plan, error) {
	p := &Plan{For: at}
	for _, f := range found {
		if f.File == nil || f.File.Fixed == nil {
			continue
		}
		if why, advice := c.leaves(f); why != "" {
			p.Left = append(p.Left, Left{Name: f.Object.Name(), Why: why, Advice: advice, Findings: findings(f.File),
				Diff: diff(f.Object.Name(), f.File.Source, f.File.Fixed)})
			continue
		}
		o, err := New(Object{Name: f.Object.Name(), ID: strconv.FormatInt(f.Object.ID, 10), Type: string(f.Object.Type),
			Format: string(f.Object.Format), Language: string(f.Object.Language), Findings: findings(f.File), UsedBy: f.UsedBy},
			f.File.Source, f.File.Fixed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Object.Name(), err)
		}
		p.Objects = append(p.Objects, o)
	}
	slices.SortFunc(p.Objects, func(a, b Object) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Left, func(a, b Left) int { return strings.Compare(a.Name, b.Name) })
	return p, p.Seal()
}

// leaves tells why an object is not written, and what to do instead.
func (c Choice) leaves(f Found) (why, advice string) {
	switch {
	case f.Object.Git != "" && !c.GitFolders:
		return "it is in the Git folder " + f.Object.Git,
			"make the change in the repository and pull it into the folder, or take --include-git-folders, which leaves an uncommitted change there"
	case f.Object.Bundle() && !c.Bundles:
		return "a bundle put it there",
			"make the change in the bundle's sources and deploy it, or take --include-bundles, which lasts until the next deployment"
	case len(f.UsedBy) > 0 && !c.InitScripts:
		return "it is the init script of " + strings.Join(f.UsedBy, ", "),
			"take --include-init-scripts, and restart what runs it"
	}
	return "", ""
}

func findings(f *result.File) []Finding {
	out := []Finding{}
	for i := range f.Findings {
		fd := &f.Findings[i]
		if !fd.Fixed {
			continue
		}
		x := Finding{Rule: fd.Rule, Line: fd.Start.Line, Column: fd.Start.Column, Message: strings.ToValidUTF8(fd.Message, "�"), Fingerprint: fd.Fingerprint}
		if fd.Cell != nil {
			x.Cell, x.Line, x.Column = fd.Cell.Number, fd.Cell.Start.Line, fd.Cell.Start.Column
		}
		out = append(out, x)
	}
	return out
}
