package emulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

// AddPolicyFamily adds a family of policies, by the rules that it gives.
func (s *Server) AddPolicyFamily(id, definition string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.comp.families == nil {
		s.comp.families = map[string]string{}
	}
	s.comp.families[id] = definition
}

// inherit gives a policy of a family its definition: the family's, with what it
// overrides merged into it. [sdk: Policy; answers hold the merged one, as seen in
// exports of workspaces]
func (c *computeState) inherit(p *compute.Policy) {
	family, ok := c.families[p.PolicyFamilyId]
	if !ok {
		return
	}
	rules := map[string]json.RawMessage{}
	for _, text := range []string{family, p.PolicyFamilyDefinitionOverrides} {
		_ = json.Unmarshal([]byte(text), &rules) // edits refuse what is none
	}
	b, _ := json.Marshal(rules)
	p.Definition = string(b)
}

// policyRule is what a policy says of an attribute. [doc]
type policyRule struct {
	Type       string `json:"type"`
	Value      any    `json:"value"`
	Values     []any  `json:"values"`
	IsOptional bool   `json:"isOptional"`
}

// conforms refuses a configuration that its policy does not allow. Rules of
// attributes in maps, and of those that stand by themselves, are looked at.
// [issue: databricks/terraform-provider 403]
func (c *call) conforms(d *compute.ClusterDetails) error {
	i := slices.IndexFunc(c.comp.policies, func(p *compute.Policy) bool { return p.PolicyId == d.PolicyId })
	if d.PolicyId == "" || i < 0 {
		return nil
	}
	var rules map[string]policyRule
	if json.Unmarshal([]byte(c.comp.policies[i].Definition), &rules) != nil {
		return invalid("Requests for the policy %s cannot be satisfied due to the malformed policy definition.", d.PolicyId)
	}
	has, err := jsonFields(*d)
	if err != nil {
		return err
	}
	var failed []string
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		field, key, inMap := strings.Cut(name, ".")
		value, present := has[field]
		if inMap {
			if field != "spark_conf" && field != "custom_tags" && field != "spark_env_vars" {
				continue
			}
			var m map[string]json.RawMessage
			if present && json.Unmarshal(value, &m) != nil {
				continue
			}
			value, present = m[key]
		}
		if why := rules[name].refuses(value, present, inMap); why != "" && slices.Contains(configFields(), field) {
			if inMap {
				why = " " + key + why
			}
			failed = append(failed, "Validation failed for "+field+","+why)
		}
	}
	if len(failed) > 0 {
		return invalid("Cluster validation error: %s", strings.Join(failed, "; "))
	}
	return nil
}

func (r policyRule) refuses(value json.RawMessage, present, inMap bool) string {
	is := strings.Trim(string(value), `"`)
	text := func(v any) string { return fmt.Sprint(v) }
	subject := " the value"
	if inMap {
		subject = ""
	}
	switch r.Type {
	case "fixed":
		switch {
		case !present && inMap:
			return " must be present"
		case present && is != text(r.Value) && !strings.HasPrefix(text(r.Value), "auto:"):
			return fmt.Sprintf("%s must be %v (is %q)", subject, r.Value, is)
		}
	case "forbidden":
		if present {
			return subject + " cannot be present"
		}
	case "allowlist":
		if !present && inMap && !r.IsOptional {
			return " must be present"
		}
		if present && !slices.ContainsFunc(r.Values, func(v any) bool { return text(v) == is || strings.HasPrefix(text(v), "auto:") }) {
			return fmt.Sprintf("%s must be one of %v (is %q)", subject, r.Values, is)
		}
	}
	return ""
}
