package emulator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/jobs"
)

// maxArray is how many items of a list inside a job an answer of API 2.2
// holds; the rest comes with further pages of get. [sdk: BaseJob.HasMore]
const maxArray = 100

// listJobs lists jobs in pages, with tasks only when asked. [sdk]
func listJobs(c *call) error {
	names := []string{"limit", "page_token", "expand_tasks", "name"}
	if c.version() == "2.1" {
		names = append(names, "offset") // deprecated, gone in 2.2
	}
	if err := c.only(names...); err != nil {
		return err
	}
	limit, err := c.number("limit", 20, 1, 100)
	if err != nil {
		return err
	}
	expand, err := c.flag("expand_tasks")
	if err != nil {
		return err
	}
	if offset := c.query.Get("offset"); offset != "" && offset != "0" {
		return invalid("offset is deprecated: use page_token")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*jobs.Job
	for _, j := range c.comp.jobs {
		if c.denialOf("/jobs/"+strconv.FormatInt(j.JobId, 10)) <= NoRead {
			continue
		}
		if name := c.query.Get("name"); name != "" && (j.Settings == nil || !strings.EqualFold(j.Settings.Name, name)) {
			continue
		}
		all = append(all, j)
	}
	some, next, err := page("jobs", all, c.query.Get("page_token"), limit)
	if err != nil {
		return err
	}
	var list []any
	for _, j := range some {
		settings, more := cut(j.Settings, 0, c.version() == "2.2")
		if !expand && settings != nil {
			settings.Tasks, settings.JobClusters, settings.Environments, settings.Parameters, more = nil, nil, nil, nil, false
		}
		list = append(list, withFields(jobs.BaseJob{JobId: j.JobId, CreatedTime: j.CreatedTime, CreatorUserName: j.CreatorUserName,
			Settings: settings, HasMore: more}, map[string]any{"run_as_owner": true}))
	}
	m := answer("jobs", list, next)
	m["has_more"] = next != ""
	return c.json(m)
}

func (c *call) version() string { return strings.Split(c.r.URL.Path, "/")[2] }

// cut is a copy of settings with the page of its lists that begins at from.
// Version 2.1 has no such pages.
func cut(s *jobs.JobSettings, from int, paged bool) (*jobs.JobSettings, bool) {
	if s == nil || !paged {
		if s == nil {
			return nil, false
		}
		whole := *s
		return &whole, false
	}
	part := *s
	more := false
	part.Tasks = cutList(s.Tasks, from, &more)
	part.JobClusters = cutList(s.JobClusters, from, &more)
	part.Environments = cutList(s.Environments, from, &more)
	part.Parameters = cutList(s.Parameters, from, &more)
	return &part, more
}

func cutList[T any](list []T, from int, more *bool) []T {
	if from >= len(list) {
		return nil
	}
	if len(list) > from+maxArray {
		*more = true
		return list[from : from+maxArray]
	}
	return list[from:]
}

// getJob gives a job, its lists in pages. The service calls a missing one an
// invalid parameter. [sdk: error overrides]
func getJob(c *call) error {
	if err := c.only("job_id", "page_token", "include_trigger_state"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.query.Get("job_id")
	i := slices.IndexFunc(c.comp.jobs, func(j *jobs.Job) bool { return strconv.FormatInt(j.JobId, 10) == asked })
	if i < 0 {
		return invalid("Job %s does not exist.", asked)
	}
	if c.denialOf("/jobs/"+asked) <= NoRead {
		return denied("User %s does not have View or Admin or Manage Run or Owner permissions on job %s", c.opt.User, asked)
	}
	from := 0
	if token := c.query.Get("page_token"); token != "" {
		at, ok := strings.CutPrefix(token, "job"+asked+".")
		n, err := strconv.Atoi(at)
		if !ok || err != nil || n <= 0 || n%maxArray != 0 {
			return invalid("Invalid page token: %s", token)
		}
		from = n
	}
	j := *c.comp.jobs[i]
	var more bool
	j.Settings, more = cut(j.Settings, from, c.version() == "2.2")
	j.HasMore, j.NextPageToken = more, ""
	if more {
		j.NextPageToken = "job" + asked + "." + strconv.Itoa(from+maxArray)
	}
	return c.json(withFields(j, map[string]any{"run_as_owner": true}))
}
