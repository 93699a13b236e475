package inventory

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

// policyValues are the texts that a policy sets for the keys that match: fixed
// ones, defaults and those it allows.
func policyValues(p *compute.Policy, match func(key string) bool) []string {
	var out []string
	for _, text := range []string{p.Definition, p.PolicyFamilyDefinitionOverrides} {
		var rules map[string]struct {
			Value        any   `json:"value"`
			DefaultValue any   `json:"defaultValue"`
			Values       []any `json:"values"`
		}
		if json.Unmarshal([]byte(text), &rules) != nil {
			continue // its definition is reported as it is
		}
		for _, key := range slices.Sorted(maps.Keys(rules)) {
			if !match(key) {
				continue
			}
			r := rules[key]
			for _, v := range append([]any{r.Value, r.DefaultValue}, r.Values...) {
				if s, ok := v.(string); ok && s != "" {
					out = append(out, s)
				}
			}
		}
	}
	return out
}
