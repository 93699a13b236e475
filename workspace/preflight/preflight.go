// Package preflight judges whether IMDSv2 can be enforced in a workspace: plain
// values go in (settings, what is configured, findings in code, looks at the
// metrics), an ordered list of what stands in the way comes out, each entry with
// the exact remedy. It asks nobody and changes nothing.
package preflight

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/restart"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// Input is what is known of the workspace.
type Input struct {
	Now        time.Time
	Host, User string
	// Enforce and Export are the settings, with the error where one could not
	// be read.
	Enforce, Export       setting.Setting
	EnforceErr, ExportErr error
	// Switched is when enforcement was switched on, zero where that is not
	// known, Exact where it is known to the second.
	Switched time.Time
	Exact    bool
	// Known is what this machine knows of restarts since.
	Known *restart.Known
	// Inventory is what is configured.
	Inventory *inventory.Inventory
	// Offered are the runtimes that the workspace lists.
	Offered    []compute.SparkVersion
	OfferedErr error
	// Code are the findings in notebooks, files, init scripts and definitions;
	// CodeFile is the file that they come from, empty for a scan just made.
	Code     *result.Run
	CodeFile string
	// Evidence are looks at the metrics.
	Evidence []Evidence
	// MissingScripts are init scripts in the workspace that could not be looked
	// at.
	MissingScripts []result.FileError
	// Applied: the results are of a run that wrote its fixes.
	Applied bool
}

// Judge is the preflight.
func Judge(in Input) *result.Preflight {
	j := &judge{Input: in, out: &result.Preflight{Started: in.Now, Workspace: in.Host, User: in.User, Setting: string(in.Enforce.Value)}}
	j.specs = slices.Collect(in.Inventory.Specs())
	j.findOwners()
	if in.Enforce.Value == setting.On {
		j.out.Switched, j.out.Exact = in.Switched, in.Exact
	}
	j.settings()
	j.gaps()
	j.runtimes()
	j.glue()
	j.images()
	j.elsewhere()
	j.code()
	j.calls()
	j.running()
	slices.SortStableFunc(j.out.Items, compare)
	return j.out
}

type judge struct {
	Input
	out *result.Preflight
	// specs are what clusters are made of; to find them out takes a while.
	specs []*inventory.Spec
	// owners are who made what is configured, by kind and id.
	owners map[[2]string]string
	jobs   map[string]*jobs.BaseJob
}

// add takes an item up.
func (j *judge) add(o result.Obstacle) {
	o.Affects = max(o.Affects, 1)
	j.out.Items = append(j.out.Items, o)
}

// on is an item about a thing.
func on(t *inventory.Thing, level string, check result.Check, why, remedy string) result.Obstacle {
	return result.Obstacle{Level: level, Check: check, Kind: t.Kind, Object: t.Title, ID: t.ID, Owner: t.Owner, URL: t.URL, Why: why, Remedy: remedy}
}

// order is the place of a level or a check among all.
var (
	levelOrder = map[string]int{}
	checkOrder = map[result.Check]int{}
	// kindOrder: what decides on others is changed first.
	kindOrder = map[string]int{"policy": 1, "pool": 2, "cluster": 3, "job cluster": 4, "job": 5, "pipeline": 6, "warehouse": 7}
)

func init() {
	for i, l := range result.Levels {
		levelOrder[l] = i
	}
	for i, c := range result.Checks {
		checkOrder[c.Check] = i
	}
}

// compare orders items: by level, by check, then by what stops most.
func compare(a, b result.Obstacle) int {
	return cmp.Or(
		cmp.Compare(levelOrder[a.Level], levelOrder[b.Level]),
		cmp.Compare(checkOrder[a.Check], checkOrder[b.Check]),
		cmp.Compare(kindOrder[a.Kind], kindOrder[b.Kind]),
		-cmp.Compare(a.Affects, b.Affects),
		-cmp.Compare(a.Findings, b.Findings),
		strings.Compare(a.Object, b.Object))
}
