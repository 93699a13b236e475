package patch

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/rules"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// cluster plans the changes of a cluster.
func (b *builder) cluster(d *inventory.Definition) error {
	x, err := ReadCluster(b.ctx, b.c, d.ID)
	if err != nil {
		b.unread(d, err)
		return nil
	}
	judge := func(content []byte) (*result.File, error) {
		return b.judge(&inventory.Definition{Kind: d.Kind, ID: d.ID, Name: d.Name, JSON: content})
	}
	ch := &change{def: d, objectType: plan.TypeCluster, before: x.Content(), restart: x.Runs()}
	ch.found, err = judge(ch.before)
	var whole *result.File
	if err == nil {
		whole, err = b.judge(d)
	}
	if err != nil {
		b.failed(d, err)
		return nil
	}
	if installed := beyond(concerning(whole, oldPin), concerning(ch.found, oldPin)); len(installed) > 0 {
		b.left(d, "what is installed on a cluster is no part of its configuration", "in its list of libraries: "+advice(installed), installed, "")
	}
	found := concerning(ch.found, oldPin, runtime, isolated)
	if len(found) == 0 {
		return nil
	}
	if !x.own() {
		b.left(d, fmt.Sprintf("something else made it (%s), and makes it anew", x.Source), "change what makes it: "+advice(found), found, "")
		return nil
	}
	var aim []string
	if ch.after, aim, err = b.changedCluster(d, ch); err != nil {
		b.failed(d, err)
		return nil
	}
	if len(aim) == 0 {
		return nil
	}
	why := ch.check(judge, aim)
	diff := plan.Diff(name(d), ch.before, ch.after)
	if why != "" {
		b.left(d, why, "change it by hand: "+advice(found), found, diff)
		return nil
	}
	if why := b.against(x.Policy, ch.after); why != "" {
		b.left(d, why, "bring the cluster in line with its policy, and run this again", found, diff)
		return nil
	}
	if x.Runs() && !b.choice.Restart {
		b.left(d, "it runs, and the change restarts it", "terminate it first, or take --restart-running", found, diff)
		return nil
	}
	return b.add(ch)
}

// beyond are the findings of all that are not among the others.
func beyond(all, others []*result.Finding) []*result.Finding {
	var out []*result.Finding
	for _, fd := range all {
		if !slices.ContainsFunc(others, func(o *result.Finding) bool { return o.Message == fd.Message }) {
			out = append(out, fd)
		}
	}
	return out
}

// changedCluster is the configuration with all changes, and the findings, by
// their fingerprints, that they are to remove.
func (b *builder) changedCluster(d *inventory.Definition, ch *change) (after []byte, aim []string, err error) {
	after = ch.before
	if ch.found.Fixed != nil {
		after = ch.found.Fixed
	}
	f, err := parse(after)
	if err != nil {
		return nil, nil, err
	}
	found := concerning(ch.found, oldPin, runtime, isolated)
	// The runtime first: it decides what the Glue catalog can be.
	slices.SortStableFunc(found, func(a, b *result.Finding) int { return strings.Compare(a.Rule, b.Rule) })
	for _, fd := range found {
		switch fd.Rule {
		case isolated:
			if is := f.text("spark_version"); rules.AllRuntimes().KeepsIsolation(is) {
				b.left(d, "on the runtime "+is+" the isolation of a Glue catalog cannot be switched off", "move it to a supported runtime first", []*result.Finding{fd}, "")
				continue
			}
			conf := map[string]string{}
			if raw, ok := f[sparkConf]; ok {
				if err := json.Unmarshal(raw, &conf); err != nil {
					return nil, nil, err
				}
			}
			conf[glueIsolated] = "false"
			f[sparkConf] = canonical(conf)
		case runtime:
			key, ok := b.runtime(d, f.text("spark_version"), fd)
			if !ok {
				continue
			}
			f["spark_version"] = canonical(key)
		default:
			if !fd.Fixed {
				b.left(d, "nothing is known that could be put in its place by itself", advice([]*result.Finding{fd}), []*result.Finding{fd}, "")
				continue
			}
		}
		aim = append(aim, fd.Fingerprint)
	}
	return canonical(f), aim, nil
}

// runtime is the runtime to take in place of an old one; without one it is left.
func (b *builder) runtime(d *inventory.Definition, old string, fd *result.Finding) (string, bool) {
	found := []*result.Finding{fd}
	key, why := b.newer(old)
	switch {
	case why != "":
		b.left(d, why, "choose a supported runtime by hand; "+fd.Message, found, "")
	case !b.choice.Unsafe:
		b.left(d, "code may behave differently on another runtime", fmt.Sprintf("take --unsafe-fixes for %s in place of %s, and try what runs on it", key, old), found, "")
	}
	return key, why == "" && b.choice.Unsafe
}

// against says what a policy has against a configuration, beside what the plan
// changes in it: any edit of the cluster would be refused, or would change more
// than it was made for.
func (b *builder) against(id string, content []byte) string {
	if id == "" {
		return ""
	}
	p := b.read(id)
	if p.err != nil {
		return "" // the service decides
	}
	list, err := p.rules(p.content)
	var has any
	if err != nil || json.Unmarshal(content, &has) != nil {
		return ""
	}
	for _, attribute := range slices.Sorted(maps.Keys(list)) {
		field, key, _ := strings.Cut(attribute, ".")
		r := list[attribute]
		text, fixed := r.Fixed()
		if !fixed || !configurable[field] || field == "data_security_mode" {
			continue // others have aliases, or are no members
		}
		is, set := lookup(has, field, key)
		switch {
		case strings.HasPrefix(text, "auto:"), set && fmt.Sprint(is) == text, !set && (text == "false" && key == "" || text == "0" || text == ""):
		case set:
			return fmt.Sprintf("its policy %s (%s) fixes %s to %s, and the cluster has %v: no change of it is taken", p.Name, id, attribute, text, is)
		default:
			return fmt.Sprintf("its policy %s (%s) fixes %s to %s, and the cluster does not have it: no change of it is taken", p.Name, id, attribute, text)
		}
	}
	return ""
}

// lookup is the value of an attribute as policies name it.
func lookup(has any, field, key string) (any, bool) {
	m, _ := has.(map[string]any)
	v, ok := m[field]
	for key != "" && ok {
		part, rest, _ := strings.Cut(key, ".")
		switch x := v.(type) {
		case map[string]any:
			if v, ok = x[key]; ok { // a key with dots
				return v, true
			}
			v, ok = x[part]
		case []any:
			i, err := strconv.Atoi(part)
			if ok = err == nil && i >= 0 && i < len(x); ok {
				v = x[i]
			}
		default:
			return nil, false
		}
		key = rest
	}
	return v, ok
}
