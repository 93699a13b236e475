package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/report/collect"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/apply"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/patch"
	"github.com/imdsscan/imdsscan/workspace/preflight"
	"github.com/spf13/pflag"
)

// preflightFix is what preflight changes.
type preflightFix struct {
	fix    bool
	choice patch.Choice
	// code is the exit status of the changes.
	code int
}

func (o *preflightOptions) addFix(f *pflag.FlagSet) {
	f.BoolVar(&o.fix, "fix", false, "change the clusters and policies that stand in the way, where that can be taken back")
	f.BoolVar(&o.choice.Unsafe, "unsafe-fixes", false, "with --fix, move clusters to newer runtimes too")
	f.BoolVar(&o.choice.Restart, "restart-running", false, "with --fix, "+restartUsage)
	f.BoolVarP(&o.yes, "yes", "y", false, "with --fix, do not ask")
}

func (o *preflightOptions) validateFix() error {
	if !o.fix && (o.yes || o.choice != patch.Choice{}) {
		return errors.New("--unsafe-fixes, --restart-running and --yes go with --fix")
	}
	return nil
}

// toStdout reports whether a format goes to standard output.
func (o *preflightOptions) toStdout() bool {
	return slices.ContainsFunc(o.formats, func(f string) bool { return !strings.Contains(f, "=") })
}

// change offers the changes of configurations, makes them, and looks again at
// what was changed.
func (o *preflightOptions) change(ctx context.Context, client *workspace.Client, in *preflight.Input, s streams) error {
	o.choice.Now = in.Now
	p, err := configPlan(ctx, client, in.Inventory, here(client), o.choice)
	if err != nil {
		return err
	}
	if o.toStdout() {
		s.out = s.err // standard output is the report's
	}
	heard, code := offerConfig(ctx, p, client, &o.stateFlags, s)
	o.code = code
	if len(heard) == 0 {
		return ctx.Err()
	}
	if in.Inventory, err = inventory.Read(ctx, client); err != nil {
		return err
	}
	for d := range in.Inventory.Definitions() {
		if how := heard[aside(d.Name)]; how == apply.Fixed || how == apply.Already {
			lookAgain(in.Code, &d)
		}
	}
	in.Code.Tally()
	return nil
}

// lookAgain puts what is found in a definition now in the place of what was found
// before.
func lookAgain(run *result.Run, d *inventory.Definition) {
	name := aside(d.Name)
	run.Files = slices.DeleteFunc(run.Files, func(f result.File) bool { return f.Path == name })
	out := guard(func() (*result.File, error) { return collect.File(name, d.JSON, definitionOptions(d)) })
	switch {
	case out.err != nil:
		run.Errors = append(run.Errors, result.FileError{Path: name, Reason: out.err.Error()})
	case hasContent(out.file):
		run.Files = append(run.Files, *out.file)
	}
}

// definitionOptions are those with which a scan looks at a definition.
func definitionOptions(d *inventory.Definition) collect.Options {
	return collect.Options{As: d.Kind + format.Definition, ReadOnly: readOnlyKind(d.Kind), Object: &result.Object{Kind: d.Kind, ID: d.ID, URL: d.URL}}
}
