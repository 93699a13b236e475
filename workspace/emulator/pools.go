package emulator

import (
	"fmt"
	"slices"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

// idle is an instance that lies in a pool, and since when.
type idle struct {
	instance string
	since    time.Time
}

// keepIdle is how long an instance lies idle in a pool that does not say. [?]
const keepIdle = time.Hour

func (c *computeState) pool(id string) *compute.InstancePoolAndStats {
	i := slices.IndexFunc(c.pools, func(p *compute.InstancePoolAndStats) bool { return p.InstancePoolId == id })
	if i < 0 {
		return nil
	}
	return c.pools[i]
}

// settlePool lets idle instances end that have lain there long enough, and
// launches those that the pool keeps at least. [sdk: InstancePoolAndStats]
func (c *computeState) settlePool(p *compute.InstancePoolAndStats, now time.Time) {
	if p.Stats == nil {
		return
	}
	if c.idle == nil {
		c.idle = map[string][]idle{}
	}
	list := c.idle[p.InstancePoolId]
	launch := func(n int) {
		for len(list) < n {
			c.counter++
			list = append(list, idle{"i-" + guid(p.InstancePoolId, fmt.Sprint(c.counter))[:8] + fmt.Sprintf("%09x", c.counter), now})
		}
	}
	launch(p.Stats.IdleCount) // a number that the pool was given
	list = list[:p.Stats.IdleCount]
	keep := time.Duration(p.IdleInstanceAutoterminationMinutes) * time.Minute
	if keep == 0 && !slices.Contains(p.ForceSendFields, "IdleInstanceAutoterminationMinutes") {
		keep = keepIdle
	}
	left := len(list)
	list = slices.DeleteFunc(slices.Clone(list), func(x idle) bool {
		ends := left > p.MinIdleInstances && !now.Before(x.since.Add(keep))
		if ends {
			left--
		}
		return ends
	})
	launch(p.MinIdleInstances)
	c.idle[p.InstancePoolId] = list
	p.Stats.IdleCount = len(list)
}

// take gives a cluster an instance that lies idle in its pool, if there is one.
func (c *computeState) take(id string, now time.Time) (instance string) {
	p := c.pool(id)
	if p == nil || p.Stats == nil {
		return ""
	}
	c.settlePool(p, now)
	p.Stats.UsedCount++
	list := c.idle[id]
	if len(list) == 0 {
		return ""
	}
	c.idle[id] = list[1:]
	p.Stats.IdleCount--
	c.settlePool(p, now)
	return list[0].instance
}

// giveBack hands an instance of a cluster to its pool.
func (c *computeState) giveBack(id, instance string, now time.Time) {
	p := c.pool(id)
	if p == nil || p.Stats == nil {
		return
	}
	c.settlePool(p, now)
	p.Stats.UsedCount = max(p.Stats.UsedCount-1, 0)
	c.idle[id] = append(slices.Clone(c.idle[id]), idle{instance, now})
	p.Stats.IdleCount++
	c.settlePool(p, now)
}

// IdleInstances are the ids of the instances that lie idle in a pool.
func (s *Server) IdleInstances(pool string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.comp.pool(pool)
	if p == nil {
		return nil
	}
	s.comp.settlePool(p, s.opt.Now())
	var out []string
	for _, x := range s.comp.idle[pool] {
		out = append(out, x.instance)
	}
	return out
}

func listPools(c *call) error {
	if err := c.only(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []any
	for _, p := range c.comp.pools {
		if c.denialOf("/pools/"+p.InstancePoolId) == Hidden {
			continue
		}
		c.comp.settlePool(p, c.opt.Now())
		list = append(list, withFields(p, map[string]any{"enable_auto_alternate_node_types": false}))
	}
	return c.json(answer("instance_pools", list, ""))
}

// poolNamed is a pool that the caller may see.
func (c *call) poolNamed(id string) (*compute.InstancePoolAndStats, error) {
	p := c.comp.pool(id)
	if p == nil || c.denialOf("/pools/"+id) == Hidden {
		return nil, missing("Can't find an instance pool with id: %s.", id)
	}
	if c.denialOf("/pools/"+id) <= NoRead {
		return nil, denied("%s does not have CAN_ATTACH_TO permissions on %s", c.opt.User, id)
	}
	c.comp.settlePool(p, c.opt.Now())
	return p, nil
}

func getPool(c *call) error {
	if err := c.only("instance_pool_id"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.poolNamed(c.query.Get("instance_pool_id"))
	if err != nil {
		return err
	}
	return c.json(p)
}

// editPool changes what of a pool can be changed: all of it at once, except the
// type of its instances. [sdk: EditInstancePool; tf: resource_instance_pool]
func editPool(c *call) error {
	var body compute.EditInstancePool
	if err := c.decode(&body); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.poolNamed(body.InstancePoolId)
	if err == nil && c.denialOf("/pools/"+body.InstancePoolId) <= NoWrite {
		err = denied("%s does not have CAN_MANAGE permissions on %s", c.opt.User, body.InstancePoolId)
	}
	if err != nil {
		return err
	}
	switch {
	case body.InstancePoolName == "":
		return invalid("Missing required field: instance_pool_name")
	case body.NodeTypeId != p.NodeTypeId:
		return invalid("The node type of an instance pool cannot be changed: %s", p.InstancePoolId)
	case body.MinIdleInstances < 0 || body.MaxCapacity > 0 && body.MinIdleInstances > body.MaxCapacity:
		return invalid("min_idle_instances must be between 0 and max_capacity")
	case body.IdleInstanceAutoterminationMinutes < 0 || body.IdleInstanceAutoterminationMinutes > 10000:
		return invalid("idle_instance_autotermination_minutes must be between 0 and 10000")
	}
	p.InstancePoolName, p.MinIdleInstances, p.MaxCapacity, p.CustomTags = body.InstancePoolName, body.MinIdleInstances, body.MaxCapacity, body.CustomTags
	p.IdleInstanceAutoterminationMinutes, p.ForceSendFields = body.IdleInstanceAutoterminationMinutes, nil
	if slices.Contains(body.ForceSendFields, "IdleInstanceAutoterminationMinutes") {
		p.ForceSendFields = []string{"IdleInstanceAutoterminationMinutes"}
	}
	c.comp.settlePool(p, c.opt.Now())
	return c.json(struct{}{})
}
