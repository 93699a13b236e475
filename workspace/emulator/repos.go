package emulator

import (
	"slices"
	"strconv"
	"strings"
)

// headCommit is the commit that every Git folder has checked out.
const headCommit = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"

func (n *node) repoInfo() map[string]any {
	m := map[string]any{"id": n.repo.id, "path": n.path(), "head_commit_id": headCommit}
	for k, v := range map[string]string{"url": n.repo.URL, "branch": n.repo.Branch, "provider": n.repo.Provider} {
		if v != "" {
			m[k] = v
		}
	}
	return m
}

// listRepos lists Git folders in pages. Without a prefix only those below
// /Repos are served. [sdk: ListReposRequest]
func listRepos(c *call) error {
	if err := c.only("path_prefix", "next_page_token"); err != nil {
		return err
	}
	prefix := plain(c.query.Get("path_prefix"))
	if prefix == "" || prefix == "/" {
		prefix = "/Repos"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*node
	for _, n := range c.tree.byID {
		if n.repo != nil && strings.HasPrefix(n.path(), prefix) && !c.tree.hidden(n) {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b *node) int { return strings.Compare(a.path(), b.path()) })
	some, next, err := page("repos", all, c.query.Get("next_page_token"), 20)
	if err != nil {
		return err
	}
	answer := map[string]any{}
	var list []any
	for _, n := range some {
		list = append(list, n.repoInfo())
	}
	if len(list) > 0 {
		answer["repos"] = list
	}
	if next != "" {
		answer["next_page_token"] = next
	}
	return c.json(answer)
}

func getRepo(c *call) error {
	if err := c.only(); err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.params["id"], 10, 64)
	if err != nil {
		return invalid("Invalid repo id: %s", c.params["id"])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.tree.byID[id]
	if n == nil || n.repo == nil || c.tree.hidden(n) {
		return missing("Repo could not be found")
	}
	return c.json(n.repoInfo())
}
