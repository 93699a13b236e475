package emulator

import (
	"cmp"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/pipelines"
)

// listPipelines lists pipelines in pages, without their specs. [sdk]
func listPipelines(c *call) error {
	if err := c.onlyLists([]string{"filter", "max_results", "page_token"}, "order_by"); err != nil {
		return err
	}
	size, err := c.number("max_results", 25, 1, 100)
	if err != nil {
		return err
	}
	if filter := c.query.Get("filter"); filter != "" && (c.query.Get("order_by") != "" || !strings.HasPrefix(filter, "notebook=") && !strings.HasPrefix(filter, "name LIKE ")) {
		return invalid("Invalid filter: %s", filter)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*pipelines.GetPipelineResponse
	for _, p := range c.comp.pipelines {
		if c.denialOf("/pipelines/"+p.PipelineId) > Hidden {
			all = append(all, p)
		}
	}
	some, next, err := page("pipelines", all, c.query.Get("page_token"), size)
	if err != nil {
		return err
	}
	var list []any
	for _, p := range some {
		list = append(list, pipelines.PipelineStateInfo{PipelineId: p.PipelineId, Name: cmp.Or(p.Name, specName(p)), State: p.State,
			CreatorUserName: p.CreatorUserName, RunAsUserName: p.RunAsUserName, ClusterId: p.ClusterId})
	}
	return c.json(answer("statuses", list, next))
}

func specName(p *pipelines.GetPipelineResponse) string {
	if p.Spec == nil {
		return ""
	}
	return p.Spec.Name
}

func getPipeline(c *call) error {
	if err := c.only(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.comp.pipelines {
		if p.PipelineId != c.params["id"] || c.denialOf("/pipelines/"+p.PipelineId) == Hidden {
			continue
		}
		if c.denialOf("/pipelines/"+p.PipelineId) <= NoRead {
			return denied("User '%s' does not have VIEW permissions on pipeline %s.", c.opt.User, p.PipelineId)
		}
		whole := *p
		whole.Name = cmp.Or(whole.Name, specName(p))
		return c.json(withFields(whole, map[string]any{"effective_channel": "CURRENT"}))
	}
	return missing("The specified pipeline %s was not found.", c.params["id"])
}
