package emulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Grant is a permission of somebody on an object.
type Grant struct {
	User, Group, Principal string // one of them
	Level                  string // CAN_READ, CAN_RUN, CAN_EDIT, CAN_MANAGE …
	Inherited              bool
}

type grant = Grant

// permissionTypes are the objects that have permissions: the name in the path
// of the API, the object_type of the answer. [doc]
var permissionTypes = map[string]string{
	"notebooks": "notebook", "files": "file", "directories": "directory", "repos": "repo", "dashboards": "dashboard",
	"experiments": "mlflowExperiment", "clusters": "cluster", "jobs": "job", "cluster-policies": "cluster-policy",
	"instance-pools": "instance-pool", "pipelines": "pipelines",
}

// levels are the permissions of objects of the workspace. [sdk]
var levels = []string{"CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"}

// SetPermissions replaces what is granted on an object of the workspace, or on
// another thing, which is named as in [Server.Deny].
func (s *Server) SetPermissions(path string, grants ...Grant) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasPrefix(path, "/clusters/") || strings.HasPrefix(path, "/policies/") {
		if s.comp.grants == nil {
			s.comp.grants = map[string][]Grant{}
		}
		s.comp.grants[path] = slices.Clone(grants)
		return true
	}
	n := s.tree.find(path)
	if n == nil {
		return false
	}
	s.tree.keep(n).acl = slices.Clone(grants)
	return true
}

// grants are an object's own and those of all administrators.
func (t *tree) grants(n *node) []Grant {
	own := n.acl
	if own == nil {
		own = []Grant{{User: t.s.opt.User, Level: "CAN_MANAGE"}}
	}
	return append(slices.Clone(own), Grant{Group: "admins", Level: "CAN_MANAGE", Inherited: true})
}

// permissionNode finds the object; one of another type is none.
func (c *call) permissionNode() (*node, error) {
	kind := c.params["type"]
	if _, ok := permissionTypes[kind]; !ok {
		return nil, invalid("'%s' is not a valid object type", kind)
	}
	id, err := strconv.ParseInt(c.params["id"], 10, 64)
	n := c.tree.withID(id)
	if err != nil || n == nil || c.tree.hidden(n) || permissionKind(n) != kind {
		return nil, missing("%s with id '%s' does not exist.", permissionTypes[kind], c.params["id"])
	}
	return n, nil
}

func permissionKind(n *node) string {
	switch {
	case n.repo != nil:
		return "repos"
	case n.kind == "MLFLOW_EXPERIMENT":
		return "experiments"
	}
	return map[string]string{typeNotebook: "notebooks", typeFile: "files", typeDirectory: "directories", "DASHBOARD": "dashboards"}[n.kind]
}

func getPermissions(c *call) error {
	if err := c.only(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if owner, level, ok := c.thing(); ok {
		kind := c.params["type"]
		name := "/" + strings.TrimPrefix(kind, "cluster-") + "/" + c.params["id"]
		if c.denialOf(name) <= NoACL {
			return denied("%s does not have permission to view the permissions of %s %s", c.opt.User, permissionTypes[kind], c.params["id"])
		}
		own, ok := c.comp.grants[name]
		if !ok {
			own = []Grant{{User: owner, Level: level}}
		}
		return c.json(c.acl(append(slices.Clone(own), Grant{Group: "admins", Level: "CAN_MANAGE", Inherited: true})))
	}
	n, err := c.permissionNode()
	if err != nil {
		return err
	}
	if d, ok := c.tree.denial(n); ok && d <= NoACL {
		return denied("%s does not have permission to view the permissions of %s %d", c.opt.User, permissionTypes[c.params["type"]], n.id)
	}
	return c.json(c.acl(c.tree.grants(n)))
}

// thing is who made a thing that is no object of the workspace, and what that
// gives.
func (c *call) thing() (owner, level string, ok bool) {
	id := c.params["id"]
	switch c.params["type"] {
	case "clusters":
		if x := c.comp.cluster(id); x != nil && c.denialOf("/clusters/"+id) > NoRead {
			return x.CreatorUserName, "CAN_MANAGE", true
		}
	case "jobs":
		for _, j := range c.comp.jobs {
			if strconv.FormatInt(j.JobId, 10) == id && c.denialOf("/jobs/"+id) > NoRead {
				return j.CreatorUserName, "IS_OWNER", true
			}
		}
	case "pipelines":
		for _, p := range c.comp.pipelines {
			if p.PipelineId == id && c.denialOf("/pipelines/"+id) > NoRead {
				return p.CreatorUserName, "IS_OWNER", true
			}
		}
	case "cluster-policies":
		for _, p := range c.comp.policies {
			if p.PolicyId == id {
				return "", "", true
			}
		}
	case "instance-pools":
		for _, p := range c.comp.pools {
			if p.InstancePoolId == id {
				return "", "", true
			}
		}
	}
	return "", "", false
}

// acl is the answer of the permissions API. [sdk: WorkspaceObjectPermissions]
func (c *call) acl(grants []Grant) map[string]any {
	type permission struct {
		Level     string   `json:"permission_level"`
		Inherited bool     `json:"inherited"`
		From      []string `json:"inherited_from_object,omitempty"`
	}
	type entry struct {
		User      string       `json:"user_name,omitempty"`
		Group     string       `json:"group_name,omitempty"`
		Principal string       `json:"service_principal_name,omitempty"`
		All       []permission `json:"all_permissions"`
	}
	var list []entry
	for _, g := range grants {
		if cmp.Or(g.User, g.Group, g.Principal) == "" {
			continue
		}
		p := permission{Level: g.Level, Inherited: g.Inherited}
		if g.Inherited {
			p.From = []string{"/directories/0"}
		}
		list = append(list, entry{g.User, g.Group, g.Principal, []permission{p}})
	}
	return map[string]any{"object_id": "/" + c.params["type"] + "/" + c.params["id"],
		"object_type": permissionTypes[c.params["type"]], "access_control_list": list}
}

func setPermissions(c *call) error {
	var body struct {
		List []struct {
			User      string `json:"user_name"`
			Group     string `json:"group_name"`
			Principal string `json:"service_principal_name"`
			Level     string `json:"permission_level"`
		} `json:"access_control_list"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.permissionNode()
	if err != nil {
		return err
	}
	if err := c.tree.writable(n); err != nil {
		return err
	}
	var grants []Grant
	for _, g := range body.List {
		if cmp.Or(g.User, g.Group, g.Principal) == "" || !slices.Contains(levels, g.Level) {
			return invalid("Invalid access control: permission_level %q of %q", g.Level, cmp.Or(g.User, g.Group, g.Principal))
		}
		grants = append(grants, Grant{User: g.User, Group: g.Group, Principal: g.Principal, Level: g.Level})
	}
	n = c.tree.keep(n)
	if c.r.Method == "PATCH" {
		if n.acl == nil {
			n.acl = []Grant{{User: c.opt.User, Level: "CAN_MANAGE"}}
		}
		grants = append(n.acl, grants...)
	}
	n.acl = grants
	return c.json(c.acl(c.tree.grants(n)))
}
