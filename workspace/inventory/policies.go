package inventory

import (
	"maps"
	"slices"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

// policyValues are the texts that a policy sets for the keys that match: fixed
// ones, defaults and those it allows.
func policyValues(p *compute.Policy, match func(key string) bool) []string {
	var out []string
	rules, err := PolicyRules(p)
	if err != nil {
		return nil // its definition is reported as it is
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
	return out
}
