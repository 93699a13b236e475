package preflight

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/rules"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

const (
	endsSoon = 90 * 24 * time.Hour
	// oldTable: new runtimes come about every two months.
	oldTable = 90 * 24 * time.Hour
)

// runtimes judges the runtimes of clusters, jobs, policies and pools.
func (j *judge) runtimes() {
	used := false
	for _, s := range j.specs {
		if s.Runtime == "" {
			continue
		}
		used = true
		level, why := j.runtime(s.Runtime)
		if level == result.NoteToRead && s.Details != nil && s.Details.ClusterSource == compute.ClusterSourceJob {
			continue // gone by then
		}
		if level != "" {
			j.add(on(&s.Thing, level, result.CheckRuntime, in(s)+why, j.changeRuntime(s)))
		}
	}
	for i := range j.Inventory.Policies {
		j.policyRuntime(&j.Inventory.Policies[i])
	}
	for i := range j.Inventory.Pools {
		p := &j.Inventory.Pools[i]
		t := j.Inventory.Thing("pool", p.InstancePoolId, p.InstancePoolName, "")
		for _, key := range p.PreloadedSparkVersions {
			if level, why := j.runtime(key); level == result.Blocker {
				j.add(on(&t, result.NoteToRead, result.CheckRuntime, "it preloads a runtime that nothing should run on: "+why,
					"preload "+j.choice(key)+" in a new pool: the preloaded runtime of a pool cannot be changed"))
			}
		}
	}
	j.table(used)
}

// in says which part of a job or a pipeline it is about.
func in(s *inventory.Spec) string {
	if s.Part == "" {
		return ""
	}
	return s.Part + ": "
}

// runtime says what is wrong with a runtime, nothing if it is all right.
func (j *judge) runtime(key string) (level, why string) {
	table := rules.AllRuntimes()
	r := table.Judge(key, j.Now)
	switch r.Support {
	case rules.IsLight:
		return result.Blocker, fmt.Sprintf("it runs on %s (%s), which enforcement does not support", r.Name, key)
	case rules.HasEnded:
		why = fmt.Sprintf("it runs on %s (%s), which is not supported any more, and enforcement needs a supported runtime", r.Name, key)
		if !r.Until.IsZero() {
			why = fmt.Sprintf("it runs on %s (%s), whose support ended on %s, and enforcement needs a supported runtime", r.Name, key, r.Until)
		}
		if j.offers(key) && r.Until.After(table.Checked.Time) {
			// The table was made before that day, and ends are put off at times.
			return result.Warn, why + fmt.Sprintf("; the workspace offers it still, so look whether %s says the same", table.Source)
		}
		return result.Blocker, why
	case rules.IsNewer:
		if j.offers(key) {
			return "", ""
		}
		return result.Warn, fmt.Sprintf("whether %s is supported is not known here: it is newer than the table of %s, and the workspace does not list it", key, table.Checked)
	case rules.NotARuntime:
		if strings.HasPrefix(key, "auto:") || strings.HasPrefix(key, "dlt:") || j.offers(key) {
			return "", ""
		}
		return result.Warn, fmt.Sprintf("which runtime %s is made from is not known here", key)
	}
	if left := r.Until.Sub(j.Now); !r.Until.IsZero() && left < endsSoon {
		return result.NoteToRead, fmt.Sprintf("it runs on %s (%s), whose support ends on %s, in %d days", r.Name, key, r.Until, int(left/(24*time.Hour)))
	}
	if j.OfferedErr == nil && len(j.Offered) > 0 && !j.offers(key) {
		return result.Warn, fmt.Sprintf("it runs on %s (%s), which the workspace does not offer any more, though %s says that it is supported", r.Name, key, table.Source)
	}
	return "", ""
}

func (j *judge) offers(key string) bool {
	return slices.ContainsFunc(j.Offered, func(v compute.SparkVersion) bool { return v.Key == key })
}

// changeRuntime says where the runtime of a spec is changed, and to what.
func (j *judge) changeRuntime(s *inventory.Spec) string {
	choice := j.choice(s.Runtime)
	switch {
	case rules.AllRuntimes().Judge(s.Runtime, j.Now).Support == rules.NotARuntime:
		return "ask who made it which version it has; supported are " + choice
	case s.Details == nil:
		return "in the job, for " + s.Part + ", set spark_version to " + choice + j.policyFirst(s)
	case s.Details.ClusterSource == compute.ClusterSourceJob:
		return "whoever submits the run sets spark_version to " + choice
	}
	out := "Compute > " + s.Details.ClusterName + " > Edit > Databricks Runtime Version: " + choice
	if s.Details.State == compute.StateTerminated {
		out += "; or delete it, if nobody needs it any more"
	}
	return out + j.policyFirst(s)
}

// policyFirst tells of a policy that decides on the runtime.
func (j *judge) policyFirst(s *inventory.Spec) string {
	p := j.policy(s.Policy)
	if p == nil {
		return ""
	}
	rule := rulesOf(p)["spark_version"]
	if key, fixed := rule.Fixed(); fixed {
		if level, _ := j.runtime(key); level != "" && level != result.NoteToRead {
			return "; first its policy " + p.Name + ", which fixes " + key
		}
		return "; its policy " + p.Name + " fixes " + key
	}
	if list := rule.Allowed(); len(list) > 0 && !slices.ContainsFunc(list, func(key string) bool {
		level, _ := j.runtime(key)
		return level == "" || level == result.NoteToRead
	}) {
		return "; first its policy " + p.Name + ", which allows nothing but " + some(list)
	}
	if rule.Type == "regex" {
		return "; its policy " + p.Name + " allows what matches " + rule.Pattern + ": change that first, where it does not match"
	}
	return ""
}

func (j *judge) policy(id string) *compute.Policy {
	for i := range j.Inventory.Policies {
		if p := &j.Inventory.Policies[i]; p.PolicyId == id && id != "" {
			return p
		}
	}
	return nil
}

// choice are the supported long-term runtimes of the same kind that the
// workspace offers, or those of the table where its list is not known.
func (j *judge) choice(key string) string {
	table := rules.AllRuntimes()
	find := func(fits func(string) bool) (out []string) {
		for _, v := range j.Offered {
			r := table.Judge(v.Key, j.Now)
			if r.Support == rules.IsSupported && r.LTS && fits(v.Key) && !strings.Contains(v.Key, "photon-") && !(r.Until.Sub(j.Now) < endsSoon && !r.Until.IsZero()) {
				out = append(out, fmt.Sprintf("%s (to %s)", v.Key, r.Until))
			}
		}
		slices.SortFunc(out, byVersion)
		return slices.Compact(out)
	}
	out := find(func(k string) bool { return flavour(k) == flavour(key) })
	if len(out) == 0 {
		out = find(func(k string) bool { return flavour(k) == "" })
	}
	if len(out) == 0 {
		for _, s := range table.Supported {
			if s.LTS && s.Until.Sub(j.Now) >= endsSoon {
				out = append(out, s.Version+" LTS")
			}
		}
		return or(out) + " (by the table of " + table.Checked.String() + "; the workspace's own list could not be used)"
	}
	return or(out)
}

// or joins choices.
func or(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// byVersion orders 9.x before 10.x.
func byVersion(a, b string) int {
	var x, y [2]int
	fmt.Sscanf(a, "%d.%d", &x[0], &x[1])
	fmt.Sscanf(b, "%d.%d", &y[0], &y[1])
	if c := slices.Compare(x[:], y[:]); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// flavour is what a runtime has beside Spark: cpu-ml, gpu-ml, aarch64, empty for
// the plain one. Photon is chosen apart by now.
func flavour(key string) string {
	_, rest, _ := strings.Cut(key, ".x-")
	rest, _, _ = strings.Cut(rest, "scala")
	return strings.Trim(strings.NewReplacer("photon-", "", "esr-", "").Replace(rest), "-")
}

func rulesOf(p *compute.Policy) map[string]inventory.Rule {
	r, _ := inventory.PolicyRules(p)
	return r
}

// policyRuntime judges what a policy says of the runtime.
func (j *judge) policyRuntime(p *compute.Policy) {
	t := j.Inventory.Thing("policy", p.PolicyId, p.Name, p.CreatorUserName)
	all, err := inventory.PolicyRules(p)
	if err != nil {
		j.unread(t.Name(), "its definition is "+err.Error())
		j.add(on(&t, result.Warn, result.CheckUnread, "its definition could not be read: what it sets on clusters is not known", "Compute > Policies > "+p.Name+": look at spark_version and at the Glue settings in spark_conf"))
		return
	}
	rule, ok := all["spark_version"]
	if !ok {
		return
	}
	where := "Compute > Policies > " + p.Name + " > Edit"
	users := j.usersOf(p.PolicyId)
	if key, fixed := rule.Fixed(); fixed {
		if level, why := j.runtime(key); level != "" {
			o := on(&t, level, result.CheckRuntime, "it fixes the runtime of its clusters ("+users.text+"): "+strings.Replace(why, "it runs on ", "", 1),
				where+`: in "spark_version": {"type": "fixed", "value": "`+key+`"}, change the value to `+j.choice(key)+"; then edit its clusters")
			o.Affects = users.n
			j.add(o)
		}
		return
	}
	var bad []string
	for _, key := range rule.Allowed() {
		if level, _ := j.runtime(key); level == result.Blocker {
			bad = append(bad, key)
		}
	}
	if key, ok := rule.Default(); ok {
		if level, _ := j.runtime(key); level == result.Blocker && !slices.Contains(bad, key) {
			bad = append(bad, key+" (the default)")
		}
	}
	if len(bad) > 0 {
		change := "take " + strings.Join(bad, ", ") + " out of spark_version; supported are " + j.choice(bad[0])
		if rule.Type != "allowlist" {
			change = "change the defaultValue of spark_version to " + j.choice(bad[0])
		}
		j.add(on(&t, result.Warn, result.CheckRuntime, "it lets clusters run on "+strings.Join(bad, ", ")+", which enforcement does not support ("+users.text+")", where+": "+change))
	}
	if rule.Type == "regex" {
		j.add(on(&t, result.NoteToRead, result.CheckRuntime, "it allows every runtime that matches "+rule.Pattern,
			where+": look whether the pattern matches a runtime that is not supported; \"auto:latest-lts\" in a list of values needs no care"))
	}
}

// users are who uses something, in words, and how many.
type users struct {
	n    int
	text string
}

func (j *judge) usersOf(policy string) users {
	var names []string
	for _, s := range j.specs {
		if s.Policy == policy && !slices.Contains(names, s.Name()) {
			names = append(names, s.Name())
		}
	}
	if len(names) == 0 {
		return users{0, "no cluster uses it now"}
	}
	return users{len(names), "used by " + some(names)}
}

// some are the first of the names, and how many more there are.
func some(names []string) string {
	const most = 3
	if len(names) > most+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// table tells of the table of runtimes itself.
func (j *judge) table(used bool) {
	table := rules.AllRuntimes()
	item := func(level, why, remedy string) {
		j.add(result.Obstacle{Level: level, Check: result.CheckRuntime, Kind: "table of runtimes", Object: "of " + table.Checked.String(), Why: why, Remedy: remedy, URL: table.Source})
	}
	if !used {
		return
	}
	if age := j.Now.Sub(table.Checked.Time); age > oldTable {
		item(result.NoteToRead, fmt.Sprintf("it is %d days old: support may have ended, and been extended, since", int(age/(24*time.Hour))), "take a newer imdsscan, or compare with "+table.Source)
	}
	if j.OfferedErr != nil {
		j.unread("the list of runtimes", workspace.Reason(j.OfferedErr))
		item(result.NoteToRead, "the workspace's own list of runtimes could not be read to compare with: "+workspace.Reason(j.OfferedErr), "run preflight again")
		return
	}
	var unknown []string
	for _, v := range j.Offered {
		if r := table.Judge(v.Key, j.Now); r.Support == rules.IsNewer && !slices.Contains(unknown, r.Name) {
			unknown = append(unknown, r.Name)
		}
	}
	if len(unknown) > 0 {
		slices.SortFunc(unknown, byVersion)
		item(result.NoteToRead, "the workspace offers "+strings.Join(unknown, ", ")+", which it does not have yet; they count as supported", "take a newer imdsscan to have them judged")
	}
}
