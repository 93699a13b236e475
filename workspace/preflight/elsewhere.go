package preflight

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// gaps are what could not be read.
func (j *judge) gaps() {
	for _, g := range j.Inventory.Gaps {
		j.unread(g.What, g.Reason)
		j.add(result.Obstacle{Level: result.Warn, Check: result.CheckUnread, Object: g.What, Why: g.Reason + "; what is configured there is not known", Remedy: asAdmin(g.Err)})
	}
	byReason := map[string][]string{}
	for _, e := range j.Code.Errors {
		if strings.HasPrefix(e.Path, "workspace: ") && slices.ContainsFunc(j.Inventory.Gaps, func(g inventory.Gap) bool { return e.Path == "workspace: "+g.What }) {
			continue
		}
		j.unread(e.Path, e.Reason)
		byReason[e.Reason] = append(byReason[e.Reason], e.Path)
	}
	j.out.Code.Unread = len(j.Code.Errors)
	for reason, paths := range byReason {
		o := result.Obstacle{Level: result.Warn, Check: result.CheckUnread, Object: strings.TrimPrefix(paths[0], "workspace:"), Affects: len(paths),
			Why: reason + "; whether it asks without a token is not known", Remedy: "make it readable and run preflight again, or look at it by hand"}
		o.Object = strings.TrimSpace(o.Object)
		if len(paths) > 1 {
			o.Object = report.Plural(len(paths), "object", "objects") + ", the first of them " + o.Object
			o.Why = reason + "; whether they ask without a token is not known"
			o.Remedy = "make them readable and run preflight again, or look at them by hand; all are listed under what could not be read"
		}
		j.add(o)
	}
}

// images are container images: what they bring is not known, and a token may not
// reach them.
func (j *judge) images() {
	const probe = `curl -s -m 5 -o /dev/null -w '%{http_code}\n' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token`
	for s := range j.Inventory.Specs() {
		if s.Image != "" {
			j.add(on(&s.Thing, result.Warn, result.CheckImages, in(s)+"it runs in the container image "+s.Image+": with a hop limit of 1 no token reaches a container, and the image may bring SDKs of its own",
				"run in a %sh cell on it: "+probe+" (200: a token arrives; nothing after 5 s: the hop limit is too low, ask Databricks support to raise it); imdsscan check the folder that the image is built from"))
		}
	}
	for i := range j.Inventory.Pools {
		p := &j.Inventory.Pools[i]
		t := j.Inventory.Thing("pool", p.InstancePoolId, p.InstancePoolName, "")
		for _, image := range p.PreloadedDockerImages {
			j.add(on(&t, result.Warn, result.CheckImages, "it preloads the container image "+image.Url+": with a hop limit of 1 no token reaches a container, and the image may bring SDKs of its own",
				"on a cluster with the image, run in a %sh cell: "+probe+" (200: a token arrives)"))
		}
	}
}

// elsewhere is code that the scan could not reach: init scripts, libraries and
// the sources of jobs.
func (j *judge) elsewhere() {
	for _, u := range j.Inventory.Scripts() {
		if !u.Readable() {
			j.away("init script", &u, "an init script of "+some(u.Users)+" lies in "+string(u.Storage)+": it was not analysed")
		}
	}
	for _, u := range j.Inventory.Files() {
		if list := strings.HasSuffix(u.Path, ".txt"); u.Storage == inventory.Workspace || list && u.Readable() {
			continue // in the scan
		}
		j.away("library", &u, "a library of "+some(u.Users)+": what is in it was not analysed")
	}
}

func (j *judge) away(kind string, u *inventory.Use, why string) {
	name := path.Base(u.Path)
	as := name
	if kind == "init script" && path.Ext(as) == "" {
		as += ".sh"
	}
	var fetch string
	switch u.Storage {
	case inventory.S3:
		fetch = fmt.Sprintf("aws s3 cp %s %s && imdsscan check %s", shell(u.Path), shell("./"+as), shell("./"+as))
	case inventory.Volume:
		fetch = fmt.Sprintf("databricks fs cp %s %s && imdsscan check %s", shell("dbfs:"+u.Path), shell("./"+as), shell("./"+as))
	case inventory.DBFS:
		fetch = fmt.Sprintf("databricks fs cp %s %s && imdsscan check %s", shell(u.Path), shell("./"+as), shell("./"+as))
	case inventory.Local:
		fetch = "it is on the machine's own image or disk: print it in a %sh cell of a cluster that runs it (cat " + shell(strings.TrimPrefix(u.Path, "file:")) + "), and imdsscan check a copy"
	default:
		fetch = "fetch it, and imdsscan check the copy"
	}
	j.add(result.Obstacle{Level: result.Warn, Check: result.CheckElsewhere, Kind: kind, Object: u.Path, Why: why, Remedy: fetch, Affects: len(u.Users)})
}
