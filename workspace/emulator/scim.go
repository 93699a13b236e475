package emulator

import (
	"slices"
	"strings"
)

// me answers who the caller is. The workspace's id is in a header. [sdk]
func me(c *call) error {
	if err := c.only("attributes", "excludedAttributes"); err != nil {
		return err
	}
	c.w.Header().Set("X-Databricks-Org-Id", workspaceID)
	groups := []any{map[string]any{"display": "users", "type": "direct", "value": "100"}}
	if !c.opt.NotAdmin {
		groups = append(groups, map[string]any{"display": "admins", "type": "direct", "value": "101"})
	}
	user := map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"},
		"id":      "4242424242", "userName": c.opt.User, "displayName": c.opt.User, "active": true,
		"emails": []any{map[string]any{"type": "work", "value": c.opt.User, "primary": true}},
		"groups": groups,
	}
	for name := range strings.SplitSeq(c.query.Get("excludedAttributes"), ",") {
		delete(user, name)
	}
	if wanted := c.query.Get("attributes"); wanted != "" {
		for name := range user {
			if name != "id" && name != "schemas" && !slices.Contains(strings.Split(wanted, ","), name) {
				delete(user, name)
			}
		}
	}
	return c.json(user)
}
