package inventory

import (
	"bytes"
	"slices"

	"github.com/databricks/databricks-sdk-go/service/jobs"
)

// URL is where the browser shows a thing, such as compute/clusters/0923-….
func (inv *Inventory) URL(at string) string {
	if inv.host == "" {
		return ""
	}
	return inv.host + "/" + at
}

// JobsOn are the jobs with tasks that run on clusters which are there anyway, as
// reports name them, by the cluster's id.
func (inv *Inventory) JobsOn() map[string][]string {
	out := map[string][]string{}
	for i := range inv.Jobs {
		j := &inv.Jobs[i]
		EachTask(j, func(t *jobs.Task) {
			name := Named("job", j.Settings.Name, jobID(j.JobId))
			if on := out[t.ExistingClusterId]; t.ExistingClusterId != "" && !slices.Contains(on, name) {
				out[t.ExistingClusterId] = append(on, name)
			}
		})
	}
	return out
}

// Using are the things whose definitions name one of others by its id, such as a
// pool, as reports name them, by that id.
func (inv *Inventory) Using(ids []string) map[string][]string {
	out, known := map[string][]string{}, map[string]bool{}
	for _, id := range ids {
		known[id] = true
	}
	for d := range inv.Definitions() {
		// What stands between two quotes: ids have none themselves.
		for text := range bytes.SplitSeq(d.JSON, []byte{'"'}) {
			if !known[string(text)] || string(text) == d.ID {
				continue
			}
			if id := string(text); !slices.Contains(out[id], d.Name) {
				out[id] = append(out[id], d.Name)
			}
		}
	}
	return out
}
