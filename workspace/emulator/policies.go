package emulator

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

func listPolicies(c *call) error {
	if err := c.only("sort_column", "sort_order"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []any
	for _, p := range c.comp.policies {
		if c.denialOf("/policies/"+p.PolicyId) > NoRead {
			list = append(list, c.policyJSON(p))
		}
	}
	return c.json(answer("policies", list, ""))
}

// policyJSON is a policy with a field that is in answers and in no description.
func (c *call) policyJSON(p *compute.Policy) map[string]any {
	fields := map[string]any{"policy_family_version": 1}
	maps.Copy(fields, c.comp.unknown[p.PolicyId])
	return withFields(p, fields)
}

func (c *call) policyNamed(id string) (*compute.Policy, error) {
	i := slices.IndexFunc(c.comp.policies, func(p *compute.Policy) bool { return p.PolicyId == id })
	if i < 0 {
		return nil, missing("Can't find a cluster policy with id: %s.", id)
	}
	if c.denialOf("/policies/"+id) <= NoRead {
		return nil, denied("%s does not have CAN_USE permissions on %s", c.opt.User, id)
	}
	return c.comp.policies[i], nil
}

func getPolicy(c *call) error {
	if err := c.only("policy_id"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.policyNamed(c.query.Get("policy_id"))
	if err != nil {
		return err
	}
	return c.json(c.policyJSON(p))
}

// editPolicy replaces a policy. Only administrators may. [sdk]
func editPolicy(c *call) error {
	if err := c.adminOnly(); err != nil {
		return err
	}
	var body compute.EditPolicy
	if err := c.decode(&body); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.policyNamed(body.PolicyId)
	if err != nil {
		return err
	}
	var definition map[string]any
	_, inherits := c.comp.families[body.PolicyFamilyId]
	switch {
	case body.Name == "":
		return invalid("Missing required field: name")
	case p.IsDefault:
		return invalid("Default policies cannot be edited: %s", p.PolicyId)
	case slices.ContainsFunc(c.comp.policies, func(x *compute.Policy) bool { return x != p && x.Name == body.Name }):
		return invalid("A policy with the name %s exists", body.Name)
	case body.PolicyFamilyId != "" && body.Definition != "": // [issue: exports of workspaces]
		return invalid("policy_family_id and definition cannot be used together")
	case body.PolicyFamilyId != "" && !inherits:
		return invalid("Can't find a policy family with id: %s", body.PolicyFamilyId)
	case body.PolicyFamilyId == "" && body.PolicyFamilyDefinitionOverrides != "":
		return invalid("policy_family_definition_overrides goes with policy_family_id")
	case body.Definition != "" && json.Unmarshal([]byte(body.Definition), &definition) != nil,
		body.PolicyFamilyDefinitionOverrides != "" && json.Unmarshal([]byte(body.PolicyFamilyDefinitionOverrides), &definition) != nil:
		return invalid("Policy definition is not valid JSON")
	}
	*p = compute.Policy{PolicyId: p.PolicyId, CreatedAtTimestamp: p.CreatedAtTimestamp, CreatorUserName: p.CreatorUserName,
		Name: body.Name, Definition: body.Definition, Description: body.Description, Libraries: body.Libraries,
		MaxClustersPerUser: body.MaxClustersPerUser, PolicyFamilyId: body.PolicyFamilyId,
		PolicyFamilyDefinitionOverrides: body.PolicyFamilyDefinitionOverrides}
	c.comp.inherit(p)
	delete(c.comp.unknown, p.PolicyId)
	return c.json(struct{}{})
}
