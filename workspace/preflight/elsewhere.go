package preflight

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// gaps are what could not be read.
func (j *judge) gaps() {
	for _, g := range j.Inventory.Gaps {
		j.unread(g.What, g.Reason)
		j.add(result.Obstacle{Level: result.Warn, Check: result.CheckUnread, Object: g.What, Why: g.Reason + "; what is configured there is not known", Remedy: asAdmin(g.Err)})
	}
	for _, e := range j.MissingScripts {
		j.unread(e.Path, e.Reason)
		j.add(result.Obstacle{Level: result.Warn, Check: result.CheckUnread, Kind: "init script", Object: strings.TrimPrefix(e.Path, "workspace:"), Why: e.Reason,
			Remedy: "put the script there, or take it out of what runs it: clusters whose init script is not there do not start"})
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
	const probe = `in a %sh cell on it, curl -s -m 5 -o /dev/null -w '%{http_code}\n' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token prints 200 where a token arrives, and 000 where the hop limit is too low; imdsscan check the folder that the image is built from`
	for _, s := range j.specs {
		if s.Image == "" {
			continue
		}
		level, hops := result.Warn, "with a hop limit of 1 no token reaches a container"
		if s.Details != nil {
			switch n := j.hopLimit(s.ID); {
			case n == 1:
				hops = "the hop limit of its instances is 1, so that no token reaches a container"
			case n > 1:
				level, hops = result.NoteToRead, fmt.Sprintf("the hop limit of its instances is %d, so that tokens reach it", n)
			}
		}
		j.add(on(&s.Thing, level, result.CheckImages, in(s)+"it runs in the container image "+s.Image+": "+hops+"; the image may bring SDKs of its own", probe))
	}
	for i := range j.Inventory.Pools {
		p := &j.Inventory.Pools[i]
		t := j.Inventory.Thing("pool", p.InstancePoolId, p.InstancePoolName, "")
		for _, image := range p.PreloadedDockerImages {
			j.add(on(&t, result.NoteToRead, result.CheckImages, "it preloads the container image "+image.Url, "look at the clusters that run in the image, as said of those"))
		}
	}
}

// hopLimit is the lowest of the instances of a cluster, 0 where it is not known.
func (j *judge) hopLimit(cluster string) int {
	lowest := 0
	for _, e := range j.Evidence {
		for i := range e.Report.Instances {
			in := &e.Report.Instances[i]
			if n := in.HopLimit; n > 0 && slices.ContainsFunc(in.Clusters, func(r evidence.Ref) bool { return r.ID == cluster }) && (lowest == 0 || n < lowest) {
				lowest = n
			}
		}
	}
	return lowest
}

// sources are jobs whose code comes from a repository, or lies where the scan does
// not look.
func (j *judge) sources() {
	for i := range j.Inventory.Jobs {
		job := &j.Inventory.Jobs[i]
		t := j.Inventory.ThingOfJob(job)
		if g := job.Settings; g != nil && g.GitSource != nil {
			at := cmp.Or(g.GitSource.GitBranch, g.GitSource.GitTag, g.GitSource.GitCommit)
			j.add(on(&t, result.Warn, result.CheckElsewhere, "its code comes from "+g.GitSource.GitUrl+" ("+at+") when it runs: it was not analysed",
				fmt.Sprintf("git clone %s source && git -C source checkout %s && imdsscan check source; fix it there", shell(g.GitSource.GitUrl), shell(at))))
		}
	}
	for _, u := range j.Inventory.Programs() {
		if u.Storage != inventory.Workspace {
			j.away("file", &u, "a program of "+some(u.Users)+lies(&u)+": it was not analysed")
		}
	}
}

// elsewhere is code that the scan could not reach: init scripts, libraries and
// the sources of jobs.
func (j *judge) elsewhere() {
	for _, u := range j.Inventory.Scripts() {
		if !u.Readable() {
			j.away("init script", &u, "an init script of "+some(u.Users)+lies(&u)+": it was not analysed")
		}
	}
	for _, u := range j.Inventory.Files() {
		if list := strings.HasSuffix(u.Path, ".txt"); u.Storage == inventory.Workspace || list && u.Readable() {
			continue // in the scan
		}
		j.away("library", &u, "a library of "+some(u.Users)+": what is in it was not analysed")
	}
	j.sources()
}

func lies(u *inventory.Use) string {
	if u.Storage == inventory.Local {
		return " lies on " + string(u.Storage)
	}
	return " lies in " + string(u.Storage)
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
		fetch = "print it in a %sh cell of a cluster that runs it (cat " + shell(strings.TrimPrefix(u.Path, "file:")) + "), and imdsscan check a copy"
	default:
		fetch = "fetch it, and imdsscan check the copy"
	}
	j.add(result.Obstacle{Level: result.Warn, Check: result.CheckElsewhere, Kind: kind, Object: u.Path, Why: why, Remedy: fetch, Affects: len(u.Users)})
}
