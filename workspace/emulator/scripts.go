package emulator

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

// maxScript is how large a global init script may be. [doc: 64 KB]
const maxScript = 64 << 10

// AddGlobalInitScript adds a script that all clusters run; its text is plain
// here, and base64 in the API.
func (s *Server) AddGlobalInitScript(name string, text []byte, enabled bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.comp.newID("AA00000000%06d")
	created := int(s.ago(400 * 24 * time.Hour))
	s.comp.scripts = append(s.comp.scripts, &compute.GlobalInitScriptDetailsWithContent{ScriptId: id, Name: name, Enabled: enabled,
		Position: len(s.comp.scripts), Script: base64.StdEncoding.EncodeToString(text), CreatedAt: created, UpdatedAt: created,
		CreatedBy: s.opt.User, UpdatedBy: s.opt.User})
	return id
}

// GlobalInitScript is a script's text, and whether it is there.
func (s *Server) GlobalInitScript(id string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.comp.scripts {
		if x.ScriptId == id {
			b, err := base64.StdEncoding.DecodeString(x.Script)
			return b, err == nil
		}
	}
	return nil, false
}

// listScripts lists global init scripts without their text, by position.
// These APIs are for administrators. [sdk]
func listScripts(c *call) error {
	if err := cmp.Or(c.adminOnly(), c.only()); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	sorted := slices.Clone(c.comp.scripts)
	slices.SortStableFunc(sorted, func(a, b *compute.GlobalInitScriptDetailsWithContent) int { return cmp.Compare(a.Position, b.Position) })
	var list []any
	for _, x := range sorted {
		m := withFields(x, map[string]any{"enabled": x.Enabled, "position": x.Position})
		delete(m, "script")
		list = append(list, m)
	}
	return c.json(answer("scripts", list, ""))
}

func (c *call) scriptNamed() (*compute.GlobalInitScriptDetailsWithContent, error) {
	for _, x := range c.comp.scripts {
		if x.ScriptId == c.params["id"] {
			return x, nil
		}
	}
	return nil, missing("The global init script with ID %s was not found.", c.params["id"])
}

func getScript(c *call) error {
	if err := cmp.Or(c.adminOnly(), c.only()); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	x, err := c.scriptNamed()
	if err != nil {
		return err
	}
	return c.json(withFields(x, map[string]any{"enabled": x.Enabled, "position": x.Position}))
}

// updateScript replaces a script. Name and text are required; a script that is
// not said to be enabled is not any more, and one without a position keeps
// its own. [sdk: GlobalInitScriptUpdateRequest]
func updateScript(c *call) error {
	if err := c.adminOnly(); err != nil {
		return err
	}
	var body struct {
		Enabled  bool   `json:"enabled"`
		Name     string `json:"name"`
		Position *int   `json:"position"`
		Script   string `json:"script"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	text, err := base64.StdEncoding.DecodeString(body.Script)
	switch {
	case body.Name == "" || body.Script == "":
		return invalid("Missing required field: name, script")
	case err != nil:
		return invalid("The script is not valid base64.")
	case len(text) > maxScript:
		return &apiError{http.StatusBadRequest, "INVALID_PARAMETER_VALUE", "The script is larger than 64 KB.", ""}
	case body.Position != nil && (*body.Position < 0 || *body.Position >= len(c.comp.scripts)):
		return invalid("Invalid position: %d", *body.Position)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	x, err := c.scriptNamed()
	if err != nil {
		return err
	}
	x.Name, x.Script, x.Enabled = body.Name, body.Script, body.Enabled
	if body.Position != nil {
		x.Position = *body.Position
	}
	x.UpdatedAt, x.UpdatedBy = int(c.opt.Now().UnixMilli()), c.opt.User
	return c.json(struct{}{})
}
