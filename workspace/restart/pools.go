package restart

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/sql"

	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// poolIDs are the pools of a cluster: its workers', and its driver's where that
// is another.
func poolIDs(c *compute.ClusterDetails) []string {
	var out []string
	for _, id := range []string{c.InstancePoolId, c.DriverInstancePoolId} {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// onPools tells the pools of a cluster. One that came up after the switch may
// have taken instances that lay idle since before it.
func (j *judge) onPools(c *compute.ClusterDetails, h *Holder) {
	var old []string
	for _, id := range poolIDs(c) {
		h.Pools = append(h.Pools, j.poolName(id))
		h.Fleet = h.Fleet || fleet(j.pools[id])
		if !j.newPool(id) {
			old = append(old, j.poolName(id))
		}
	}
	if h.Before == No && len(old) > 0 && !j.ownRestart(c) {
		h.Before = Unknown
		h.Why += ", but may have taken instances from " + and(old) + " that are older"
	}
}

func (j *judge) poolName(id string) string {
	name := ""
	if p := j.pools[id]; p != nil {
		name = p.InstancePoolName
	}
	return inventory.Named(Pool, name, id)
}

// fleet tells pools whose instances are of one type or another of a family.
func fleet(p *compute.InstancePoolAndStats) bool {
	return p != nil && strings.Contains(p.NodeTypeId, "-fleet.")
}

// newPool tells a pool that has new instances only: it was not there at the
// switch, or was seen without any from before. Only the former takes a pool of a
// fleet out of it.
func (j *judge) newPool(id string) bool {
	switch {
	case j.since.IsZero():
		return false
	case j.known.Pools != nil && !slices.Contains(j.known.Pools, id):
		return true
	}
	return slices.Contains(j.known.Clean, id) && !fleet(j.pools[id])
}

// Clean are the ids of the pools and warehouses that hold no instance from before
// since now. The service does not tell it later: whoever wants to know it then
// keeps it, as Known.Clean.
func Clean(inv *inventory.Inventory, since time.Time, known *Known) []string {
	j := newJudge(inv, since, known)
	var out []string
	if since.IsZero() {
		return nil
	}
	for i := range inv.Pools {
		if p := &inv.Pools[i]; !fleet(p) && j.clean(p) {
			out = append(out, p.InstancePoolId)
		}
	}
	for i := range inv.SQLWarehouses {
		if w := &inv.SQLWarehouses[i]; w.State == sql.StateStopped && !w.EnableServerlessCompute {
			out = append(out, w.Id)
		}
	}
	return out
}

// clean tells that nothing lies idle in a pool, and that all of it which is used
// is new.
func (j *judge) clean(p *compute.InstancePoolAndStats) bool {
	s := p.Stats
	if s == nil || s.IdleCount > 0 || s.PendingIdleCount > 0 || s.PendingUsedCount > 0 {
		return false
	}
	used := 0
	for i := range j.inv.Clusters {
		c := &j.inv.Clusters[i]
		if !holds(c.State) || !slices.Contains(poolIDs(c), p.InstancePoolId) {
			continue
		}
		if h := j.cluster(c); h.Before != No {
			return false
		}
		used += len(nodes(c))
	}
	return used >= s.UsedCount // else somebody uses it who is not seen
}

// keeps says which instances a pool keeps for the next cluster, empty when it
// keeps none: neither now, nor those that a restart hands back to it.
func keeps(p *compute.InstancePoolAndStats) string {
	if p == nil {
		return "what it keeps could not be read"
	}
	if p.Stats == nil {
		return "the service does not tell how many instances lie idle in it"
	}
	var out []string
	if n := p.Stats.IdleCount + p.Stats.PendingIdleCount; n > 0 {
		out = append(out, verb(n, "instance lies", "instances lie")+" idle in it")
	}
	if p.MinIdleInstances > 0 {
		out = append(out, fmt.Sprintf("it keeps %d at least", p.MinIdleInstances))
	}
	switch m := p.IdleInstanceAutoterminationMinutes; {
	case m > 0:
		out = append(out, "an instance that a cluster hands back stays for "+count(m, "minute"))
	case !slices.Contains(p.ForceSendFields, "IdleInstanceAutoterminationMinutes"):
		// The service leaves its default out.
		out = append(out, "an instance that a cluster hands back stays for a time")
	}
	return and(out)
}

// poolSteps are what has to be done with the pools of a cluster before a restart
// brings it new instances; none where a restart is enough.
func (j *judge) poolSteps(c *compute.ClusterDetails) []string {
	var drain, replace []string
	for _, id := range poolIDs(c) {
		switch p := j.pools[id]; {
		case j.newPool(id):
		case fleet(p):
			replace = append(replace, id)
		case keeps(p) != "":
			drain = append(drain, id)
		}
	}
	var out []string
	for _, id := range drain {
		out = append(out, j.drain(id)...)
	}
	for _, id := range replace {
		out = append(out, "create a new fleet pool with the settings of "+j.poolName(id))
	}
	switch {
	case len(replace) > 0:
		out = append(out, "edit the cluster to take its instances from the new pool: that restarts it", "delete the old pool when nothing uses it any more")
	case len(drain) > 0:
		out = append(out, "restart the cluster, or let imdsscan enforce on --restart do it", lookAgain, "set "+j.poolNames(drain)+" back to what it was")
	}
	return out
}

// lookAgain comes before a pool or a warehouse gets instances again: nobody tells
// later that these are new.
const lookAgain = "look with imdsscan enforce status, which remembers that nothing from before is left in it"

func (j *judge) poolNames(ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, j.poolName(id))
	}
	return and(names)
}

// drain are the steps after which a pool keeps nothing. Set is both: what is
// handed back by a cluster would be given to the next.
func (j *judge) drain(id string) []string {
	set := "set the minimum of idle instances and the minutes of idle instance auto termination of " + j.poolName(id) + " to 0"
	if p := j.pools[id]; p != nil {
		after := "not told"
		if m := p.IdleInstanceAutoterminationMinutes; m > 0 || slices.Contains(p.ForceSendFields, "IdleInstanceAutoterminationMinutes") {
			after = fmt.Sprint(m)
		}
		set += fmt.Sprintf(" (note what they are now: %d, and %s)", p.MinIdleInstances, after)
	}
	return []string{set, "wait until no instance lies idle in " + j.poolName(id)}
}

// poolsThemselves are the pools that keep instances, and those of a fleet: they
// launch instances as when they were created.
func (j *judge) poolsThemselves() []Holder {
	var out []Holder
	users := j.inv.Using(slices.Collect(maps.Keys(j.pools)))
	for i := range j.inv.Pools {
		p := &j.inv.Pools[i]
		idle := -1
		if p.Stats != nil {
			idle = p.Stats.IdleCount + p.Stats.PendingIdleCount
		}
		if p.State == compute.InstancePoolStateDeleted || idle == 0 && !fleet(p) {
			continue
		}
		h := Holder{Kind: Pool, ID: p.InstancePoolId, Name: p.InstancePoolName, State: string(p.State), Fleet: fleet(p),
			Before: Unknown, How: ByPerson}
		switch {
		case idle > 0:
			h.Why = verb(idle, "instance lies", "instances lie") + " idle in it"
		case idle < 0:
			h.Why = "the service does not tell how many instances lie idle in it"
		default:
			h.Why = "no instance lies idle in it"
		}
		switch {
		case j.since.IsZero():
			h.Before = Yes
			h.Why += ", launched before IMDSv2 is enforced"
		case j.newPool(p.InstancePoolId):
			h.Before, h.How = No, ""
			h.Why += ", launched since the switch"
		default:
			h.Why += "; since when, the service does not tell"
		}
		if h.Fleet && h.Before != No {
			h.Why += "; a pool of a fleet has to be made anew"
		}
		if h.Before != No {
			h.Steps = j.stepsOfPool(p, users[p.InstancePoolId])
		}
		out = append(out, h)
	}
	return out
}

func (j *judge) stepsOfPool(p *compute.InstancePoolAndStats, users []string) []string {
	if fleet(p) {
		steps := []string{"create a new fleet pool with the same settings"}
		if len(users) > 0 {
			steps = append(steps, "move onto it what uses this one: "+and(some(users)))
		}
		return append(steps, "delete this pool")
	}
	steps := j.drain(p.InstancePoolId)
	if len(users) > 0 {
		steps = append(steps, "restart what runs on it, of "+and(some(users)))
	}
	return append(steps, lookAgain, "set it back to what it was")
}
