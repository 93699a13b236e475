package patch

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// wanted is a policy that is to be looked at.
type wanted struct {
	*inventory.Definition
	// forced: a cluster cannot be changed unless the policy is.
	forced bool
}

// needed are the policies that have something to change, and those that keep
// clusters from being changed.
func (b *builder) needed(clusters, policies []*inventory.Definition, inv *inventory.Inventory) []wanted {
	var out []wanted
	for _, d := range policies {
		out = append(out, wanted{Definition: d})
	}
	byID := map[string]*inventory.Definition{}
	for d := range inv.Definitions() {
		if d.Kind == "policy" {
			byID[d.ID] = &d
		}
	}
	isolatedOnes := map[string]bool{}
	for _, d := range clusters {
		if f, err := b.judge(d); err == nil && len(concerning(f, isolated)) > 0 {
			isolatedOnes[d.ID] = true
		}
	}
	for i := range inv.Clusters {
		c := &inv.Clusters[i]
		d := byID[c.PolicyId]
		if d == nil || !isolatedOnes[c.ClusterId] || c.State == compute.StateRunning && !b.choice.Restart || !b.forbids(c.PolicyId) {
			continue
		}
		if i := slices.IndexFunc(out, func(w wanted) bool { return w.ID == d.ID }); i >= 0 {
			out[i].forced = true
			continue
		}
		out = append(out, wanted{d, true})
	}
	return out
}

// forbids reports whether a policy keeps its clusters from having no isolated
// Glue catalog.
func (b *builder) forbids(id string) bool {
	p := b.read(id)
	if p.err != nil {
		return false
	}
	list, err := p.rules(p.content)
	r, ok := list[confRule+glueIsolated]
	if err != nil || !ok {
		return false
	}
	switch is := func(v any) bool { return strings.EqualFold(fmt.Sprint(v), "false") }; r.Type {
	case "fixed":
		return !is(r.Value)
	case "allowlist":
		return !slices.ContainsFunc(r.Values, is)
	case "blocklist":
		return slices.ContainsFunc(r.Values, is)
	case "forbidden":
		return true
	}
	return false
}

// read is a policy, read once.
func (b *builder) read(id string) *planned {
	p := b.policies[id]
	if p == nil {
		p = &planned{}
		if p.Policy, p.err = ReadPolicy(b.ctx, b.c, id); p.err == nil {
			p.content = p.Content()
		}
		b.policies[id] = p
	}
	return p
}

// policy plans the changes of a policy.
func (b *builder) policy(d *inventory.Definition, forced bool) error {
	p := b.read(d.ID)
	if p.err != nil {
		b.unread(d, p.err)
		return nil
	}
	judge := func(content []byte) (*result.File, error) {
		text, err := p.document(content)
		if err != nil {
			return nil, err
		}
		f, err := b.judge(&inventory.Definition{Kind: d.Kind, ID: d.ID, Name: d.Name, JSON: text})
		if f == nil {
			f = &result.File{}
		}
		return f, err
	}
	ch := &change{def: d, objectType: plan.TypePolicy, before: p.content}
	var err error
	if ch.found, err = judge(ch.before); err != nil {
		b.unread(d, err)
		return nil
	}
	found := concerning(ch.found, oldPin, runtime, isolated)
	switch unknown := p.unknown(); {
	case len(found) == 0 && !forced:
		return nil
	case p.Default:
		b.left(d, "it is one of the policies that Databricks makes and keeps, which are not edited here", "add the rule among its overrides by hand, or make a policy of your own in its place: "+advice(found), found, "")
		return nil
	case len(unknown) > 0:
		b.left(d, "an edit has to send all of a policy, and nobody knows here how to send "+strings.Join(unknown, ", "), "change it by hand: "+advice(found), found, "")
		return nil
	}
	var aim []string
	if ch.after, aim, err = b.changedPolicy(d, ch, p, forced); err != nil {
		b.left(d, err.Error(), "change it by hand: "+advice(found), found, "")
		return nil
	}
	if string(ch.after) == string(ch.before) {
		return nil
	}
	if why := ch.check(judge, aim); why != "" {
		b.left(d, why, "change it by hand: "+advice(found), found, plan.Diff(name(d), ch.before, ch.after))
		return nil
	}
	p.content = ch.after
	return b.add(ch)
}

// document is a policy as the analysis looks at it: its rules as the JSON that
// they are, with those of its family, exactly as they are written.
func (p *Policy) document(content []byte) ([]byte, error) {
	f, err := parse(content)
	if err != nil {
		return nil, err
	}
	text, err := p.ownRules(f)
	if err != nil {
		return nil, err
	}
	if p.Family != "" {
		own, over, err := p.texts(content)
		if err != nil {
			return nil, err
		}
		all := fields{}
		for _, t := range []string{own, over} {
			if strings.TrimSpace(t) == "" {
				continue
			}
			if err := json.Unmarshal([]byte(t), &all); err != nil {
				return nil, fmt.Errorf("its definition cannot be read: %w", err)
			}
		}
		text = string(canonical(all))
	}
	out := `{"policy_id": ` + quote(p.ID)
	if strings.TrimSpace(text) != "" {
		if _, err := members(text); err != nil {
			return nil, fmt.Errorf("its definition cannot be read: %w", err)
		}
		out += ",\n" + `"definition": ` + text
	}
	if list, ok := f["libraries"]; ok {
		out += ",\n" + `"libraries": ` + string(list)
	}
	return []byte(out + "}\n"), nil
}

// ownRules are the text of the rules that can be changed.
func (p *Policy) ownRules(f fields) (string, error) {
	raw, ok := f[p.ruleField()]
	if !ok {
		return "", nil
	}
	return joined(raw)
}

func (p *Policy) ruleField() string {
	if p.Family != "" {
		return overrides
	}
	return definition
}

// changedPolicy is the configuration with all changes, and the findings, by
// their fingerprints, that they are to remove.
func (b *builder) changedPolicy(d *inventory.Definition, ch *change, p *planned, forced bool) (after []byte, aim []string, err error) {
	f, err := parse(ch.before)
	if err != nil {
		return nil, nil, err
	}
	text, err := p.ownRules(f)
	if err != nil {
		return nil, nil, err
	}
	if ch.found.Fixed != nil {
		fixed, err := parse(ch.found.Fixed)
		if err != nil {
			return nil, nil, err
		}
		if list, ok := fixed["libraries"]; ok {
			f["libraries"] = list
		}
		if inner := strings.TrimSpace(text); p.Family == "" && inner != "" {
			text = strings.Replace(text, inner, string(fixed[definition]), 1)
		}
	}
	glue := forced
	for _, fd := range concerning(ch.found, oldPin, runtime, isolated) {
		switch fd.Rule {
		case isolated:
			glue = true
		case runtime:
			key, ok := b.ruleRuntime(d, p, ch.before, fd)
			if !ok {
				continue
			}
			if text, err = fixRule(text, "spark_version", key, ""); err != nil {
				return nil, nil, err
			}
		default:
			if !fd.Fixed {
				b.left(d, "nothing is known that could be put in its place by itself", advice([]*result.Finding{fd}), []*result.Finding{fd}, "")
				continue
			}
		}
		aim = append(aim, fd.Fingerprint)
	}
	if glue {
		if text, err = fixRule(text, confRule+glueIsolated, "false", confRule+glueEnabled); err != nil {
			return nil, nil, err
		}
	}
	if text != "" {
		f.setPieces(p.ruleField(), text)
	}
	return canonical(f), aim, nil
}

// ruleRuntime is the runtime that a policy is to fix in place of the one that it
// fixes.
func (b *builder) ruleRuntime(d *inventory.Definition, p *planned, content []byte, fd *result.Finding) (string, bool) {
	list, err := p.rules(content)
	r := list["spark_version"]
	old, ok := r.Fixed()
	if err != nil || !ok {
		b.left(d, "its rule for spark_version is not one that fixes a single runtime", "change it by hand; "+fd.Message, []*result.Finding{fd}, "")
		return "", false
	}
	return b.runtime(d, old, fd)
}
