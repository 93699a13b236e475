package patch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// The members of a policy: those that an edit sends, all of them, for it replaces
// the policy; and those that nobody configures. policy_family_version the SDK
// does not know.
var (
	policySent  = []string{"name", "description", "definition", "libraries", "max_clusters_per_user", "policy_family_id", "policy_family_definition_overrides"}
	policyState = []string{"policy_id", "created_at_timestamp", "creator_user_name", "is_default", "policy_family_version"}
)

// The members that hold rules, as text.
const (
	definition = "definition"
	overrides  = "policy_family_definition_overrides"
)

// Policy is a cluster policy as the service tells of it.
type Policy struct {
	ID, Name string
	// Default: the service made it, and keeps it.
	Default bool
	// Family is the family whose rules it has, empty where it has its own.
	Family string
	fields fields
}

// ReadPolicy asks for a policy.
func ReadPolicy(ctx context.Context, c *workspace.Client, id string) (*Policy, error) {
	f, err := get(ctx, c, "/api/2.0/policies/clusters/get", "policy_id", id)
	if err != nil {
		return nil, c.Explain("policy "+id, err)
	}
	return &Policy{ID: id, Name: f.text("name"), Default: string(f["is_default"]) == "true", Family: f.text("policy_family_id"), fields: f}, nil
}

// configuration are the members that are configured. The definition of a policy
// of a family follows from the family and the overrides.
func (p *Policy) configuration() fields {
	out := p.fields.kept(policyState...)
	if p.Family != "" {
		delete(out, definition)
	}
	return out
}

// Content is the configuration. Rules are a list of pieces of their text.
func (p *Policy) Content() []byte {
	out := p.configuration()
	for _, name := range []string{definition, overrides} {
		if _, ok := out[name]; ok {
			out.setPieces(name, out.text(name))
		}
	}
	return canonical(out)
}

func (f fields) setPieces(name, text string) {
	raw, err := json.Marshal(pieces(text))
	if err != nil {
		panic("patch: " + err.Error()) // strings
	}
	f[name] = raw
}

// unknown are the members of which nobody knows how to send them back.
func (p *Policy) unknown() []string {
	var out []string
	for name := range p.configuration() {
		if !slices.Contains(policySent, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Edit is the body of the request that gives the policy the configuration of a
// content. It holds every member: an edit replaces the policy.
func (p *Policy) Edit(content []byte) (map[string]any, error) {
	want, err := parse(content)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"policy_id": p.ID}
	for name, v := range want {
		switch {
		case !slices.Contains(policySent, name):
			return nil, fmt.Errorf("%s of a policy cannot be sent back", name)
		case name == definition || name == overrides:
			if out[name], err = joined(v); err != nil {
				return nil, err
			}
		default:
			out[name] = v
		}
	}
	return out, nil
}

// texts are those of the rules of a policy with the given content: its own or its
// family's, and what overrides them.
func (p *Policy) texts(content []byte) (own, over string, err error) {
	f, err := parse(content)
	if err != nil {
		return "", "", err
	}
	own = p.fields.text(definition)
	if raw, ok := f[definition]; ok {
		own, err = joined(raw)
	}
	if raw, ok := f[overrides]; ok && err == nil {
		over, err = joined(raw)
	}
	return own, over, err
}

// rules are those of a policy with the given content, those of its family among
// them.
func (p *Policy) rules(content []byte) (map[string]inventory.Rule, error) {
	own, over, err := p.texts(content)
	if err != nil {
		return nil, err
	}
	list, err := inventory.PolicyRules(&compute.Policy{Definition: own, PolicyFamilyDefinitionOverrides: over})
	if err != nil {
		return nil, fmt.Errorf("its definition cannot be read: %w", err)
	}
	return list, nil
}
