package evidence

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// compare orders instances: calls first, most of them first, then what is
// unknown, then by id.
func compare(a, b Instance) int {
	return cmp.Or(
		cmp.Compare(rank[a.State], rank[b.State]),
		-cmp.Compare(a.Calls+a.Rejected, b.Calls+b.Rejected),
		cmp.Compare(a.Region, b.Region), cmp.Compare(a.ID, b.ID))
}

var rank = map[State]int{CallsSeen: 0, Unknown: 1, Quiet: 2}

func (r *Report) byCluster() []Group {
	return r.group(func(in *Instance) (Ref, string, bool) {
		switch {
		case len(in.Clusters) > 0:
			return join(in.Clusters), in.Owner, true
		case in.Warehouse != "":
			return Ref{ID: in.Warehouse, Name: "SQL warehouse"}, in.Owner, true
		case in.Pool != nil:
			// A pool's instance carries no cluster's tags.
			return Ref{ID: "", Name: PoolInstances}, "", true
		}
		return Ref{Name: Unattributed}, "", true
	})
}

// Names of groups without id.
const (
	Unattributed  = "not attributed"
	PoolInstances = "instances of pools"
)

// join is several clusters as one: the metric does not tell them apart.
func join(clusters []Ref) Ref {
	if len(clusters) == 1 {
		return clusters[0]
	}
	var ids, names []string
	for _, c := range clusters {
		ids, names = append(ids, c.ID), append(names, cmp.Or(c.Name, c.ID))
	}
	return Ref{strings.Join(ids, ","), "one of " + strings.Join(names, ", ")}
}

func (r *Report) byPool() []Group {
	return r.group(func(in *Instance) (Ref, string, bool) {
		if in.Pool == nil {
			return Ref{}, "", false
		}
		return *in.Pool, "", true
	})
}

func (r *Report) byOwner() []Group {
	return r.group(func(in *Instance) (Ref, string, bool) {
		if in.Owner == "" {
			return Ref{Name: Unattributed}, "", true
		}
		return Ref{ID: in.Owner}, "", true
	})
}

// group sums the instances by what of names; false leaves an instance out.
func (r *Report) group(of func(*Instance) (ref Ref, owner string, ok bool)) []Group {
	out := []Group{}
	at := map[string]int{}
	for i := range r.Instances {
		in := &r.Instances[i]
		ref, owner, ok := of(in)
		if !ok {
			continue
		}
		key := ref.ID
		if key == "" {
			key = "\x00" + ref.Name
		}
		j, known := at[key]
		if !known {
			j = len(out)
			at[key] = j
			out = append(out, Group{Ref: ref, Owner: owner, State: Quiet})
		}
		out[j].take(in, i)
	}
	slices.SortStableFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(rank[a.State], rank[b.State]), -cmp.Compare(a.Calls+a.Rejected, b.Calls+b.Rejected),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func (g *Group) take(in *Instance, i int) {
	g.Of = append(g.Of, i)
	g.Instances.add(in.State)
	g.Calls += in.Calls
	g.Rejected += in.Rejected
	if rank[in.State] < rank[g.State] {
		g.State = in.State
	}
	if g.Name == "" && len(in.Clusters) == 1 && in.Clusters[0].ID == g.ID {
		g.Name = in.Clusters[0].Name
	}
	if l := in.Last(); l != nil && (g.Last == nil || l.After(*g.Last)) {
		g.Last = l
	}
}

// timeline is every period of the window, summed over all instances.
func (r *Report) timeline() []Bucket {
	out := []Bucket{}
	period := time.Duration(r.Window.Period) * time.Second
	if period <= 0 {
		return out
	}
	for at := r.Window.From; at.Before(r.Window.To); at = at.Add(period) {
		out = append(out, Bucket{At: at})
	}
	if len(out) == 0 {
		return out
	}
	index := r.Window.index(period)
	for i := range r.Instances {
		for _, p := range r.Instances[i].Points {
			if j := index(p.At); j >= 0 && j < len(out) {
				out[j].Calls += p.Calls
				out[j].Rejected += p.Rejected
			}
		}
		for _, s := range r.Instances[i].Reported {
			for j := max(index(s.From), 0); j < len(out) && out[j].At.Before(s.To); j++ {
				out[j].Reporting++
			}
		}
	}
	return out
}

// index tells which part of the window a time is in, -1 before it.
func (w Window) index(part time.Duration) func(time.Time) int {
	return func(t time.Time) int {
		if t.Before(w.From) {
			return -1
		}
		return int(t.Sub(w.From) / part)
	}
}

// Column is a part of the window as a sparkline shows it.
type Column struct {
	Calls    int64
	Reported bool // false: no data point
}

// Columns divides the window into n equal parts and sums the instances.
func (r *Report) Columns(instances []int, n int) []Column {
	out := make([]Column, n)
	width := r.Window.To.Sub(r.Window.From) / time.Duration(max(n, 1))
	if width <= 0 {
		return out
	}
	index := r.Window.index(width)
	for _, i := range instances {
		in := &r.Instances[i]
		for _, p := range in.Points {
			if j := index(p.At); j >= 0 && j < n {
				out[j].Calls += p.Calls + p.Rejected
			}
		}
		for _, s := range in.Reported {
			for j := max(index(s.From), 0); j < n && j <= index(s.To.Add(-1)); j++ {
				out[j].Reported = true
			}
		}
	}
	return out
}
