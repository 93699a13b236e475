package inventory

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/files"
	"github.com/databricks/databricks-sdk-go/service/jobs"

	"github.com/imdsscan/imdsscan/workspace"
)

// Where a script, a library or an image lies.
type Storage string

// The storages. The service hands out files of the first four.
const (
	Global    Storage = "the workspace's global init scripts"
	Workspace Storage = "the workspace"
	Volume    Storage = "a volume"
	DBFS      Storage = "DBFS"
	S3        Storage = "S3"
	ABFSS     Storage = "Azure storage"
	GCS       Storage = "Google storage"
	Local     Storage = "the file system of the cluster's machines"
	Registry  Storage = "a container registry"
	Other     Storage = "another place"
)

// Use is a file or an image with the things that use it.
type Use struct {
	Storage Storage
	// Path is where it lies: /Shared/init.sh, /Volumes/…, dbfs:/…, s3://…; of a
	// global init script its name.
	Path string
	// ID is that of a global init script, empty of others.
	ID string
	// Users are named as reports name them.
	Users []string
}

// Readable reports whether the service hands out the file.
func (u *Use) Readable() bool {
	return u.Storage == Global || u.Storage == Workspace || u.Storage == Volume || u.Storage == DBFS
}

// Scripts are the init scripts, each once, with what runs it.
func (inv *Inventory) Scripts() []Use {
	var out uses
	for _, g := range inv.Global {
		users := "every cluster"
		if !g.Enabled {
			users = "no cluster: it is switched off"
		}
		out = append(out, &Use{Storage: Global, Path: g.Name, ID: g.ScriptId, Users: []string{users}})
	}
	for c := range inv.Specs() {
		for i := range c.Scripts {
			storage, path := destination(&c.Scripts[i])
			out.add(storage, path, c.Name())
		}
	}
	for i := range inv.Policies {
		p := &inv.Policies[i]
		for _, path := range policyValues(p, func(key string) bool {
			return strings.HasPrefix(key, "init_scripts.") && strings.HasSuffix(key, ".destination")
		}) {
			storage, at := place(path)
			out.add(storage, at, Named("policy", p.Name, p.PolicyId))
		}
	}
	return out.sorted()
}

// Images are the container images of clusters.
func (inv *Inventory) Images() []Use {
	var out uses
	for c := range inv.Specs() {
		if c.Image != "" {
			out.add(Registry, c.Image, c.Name())
		}
	}
	return out.sorted()
}

// Files are the libraries that are files: wheels, jars, lists of requirements.
func (inv *Inventory) Files() []Use {
	var out uses
	add := func(user string, l *compute.Library) {
		for _, at := range []string{l.Whl, l.Jar, l.Egg, l.Requirements} {
			if at != "" {
				storage, path := place(at)
				out.add(storage, path, user)
			}
		}
	}
	for i := range inv.Clusters {
		c := &inv.Clusters[i]
		for _, l := range inv.Libraries[c.ClusterId] {
			if l.Library != nil && !inv.startedByOther(c) {
				add(Named("cluster", c.ClusterName, c.ClusterId), l.Library)
			}
		}
	}
	for i := range inv.Jobs {
		j := &inv.Jobs[i]
		EachTask(j, func(t *jobs.Task) {
			for k := range t.Libraries {
				add(Named("job", j.Settings.Name, jobID(j.JobId)), &t.Libraries[k])
			}
		})
	}
	for i := range inv.Policies {
		p := &inv.Policies[i]
		for k := range p.Libraries {
			add(Named("policy", p.Name, p.PolicyId), &p.Libraries[k])
		}
	}
	for i := range inv.Pipelines {
		p := &inv.Pipelines[i]
		if p.Spec == nil {
			continue
		}
		for _, l := range p.Spec.Libraries {
			add(Named("pipeline", p.Name, p.PipelineId), &compute.Library{Whl: l.Whl, Jar: l.Jar})
		}
	}
	return out.sorted()
}

// Programs are the files that jobs run, without those of a Git repository.
func (inv *Inventory) Programs() []Use {
	var out uses
	for i := range inv.Jobs {
		j := &inv.Jobs[i]
		add := func(path string) {
			storage, at := place(path)
			if storage == DBFS && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/dbfs/") {
				storage, at = Workspace, path // as tasks read a path without a scheme
			}
			out.add(storage, at, Named("job", j.Settings.Name, jobID(j.JobId)))
		}
		EachTask(j, func(t *jobs.Task) {
			if p := t.SparkPythonTask; p != nil && p.PythonFile != "" {
				inGit := p.Source == jobs.SourceGit || p.Source == "" && j.Settings.GitSource != nil
				if !inGit || strings.Contains(p.PythonFile, ":") {
					add(p.PythonFile)
				}
			}
			if p := t.SparkSubmitTask; p != nil {
				for _, arg := range p.Parameters {
					// Names, not options; a list of files is not told apart.
					if program.MatchString(arg) {
						add(arg)
					}
				}
			}
		})
	}
	return out.sorted()
}

// program is a file among the arguments of spark-submit.
var program = regexp.MustCompile(`^(?:[a-z0-9]+:)?/[^,]*\.(?:py|jar|egg|zip)$`)

// EachTask visits the tasks of a job, and those that are done for each of a
// list.
func EachTask(j *jobs.BaseJob, visit func(*jobs.Task)) {
	if j.Settings == nil {
		return
	}
	for i := range j.Settings.Tasks {
		for t := &j.Settings.Tasks[i]; t != nil; {
			visit(t)
			if t.ForEachTask == nil {
				break
			}
			t = &t.ForEachTask.Task
		}
	}
}

func destination(s *compute.InitScriptInfo) (Storage, string) {
	switch {
	case s.Workspace != nil:
		return Workspace, strings.TrimPrefix(s.Workspace.Destination, "/Workspace")
	case s.Volumes != nil:
		return Volume, strings.TrimPrefix(s.Volumes.Destination, "dbfs:")
	case s.Dbfs != nil:
		return place(s.Dbfs.Destination)
	case s.S3 != nil:
		return S3, s.S3.Destination
	case s.Abfss != nil:
		return ABFSS, s.Abfss.Destination
	case s.Gcs != nil:
		return GCS, s.Gcs.Destination
	case s.File != nil:
		return Local, s.File.Destination
	}
	return Other, "(of a kind that is not known here)"
}

// place tells the storage by the path.
func place(path string) (Storage, string) {
	for _, p := range []struct {
		prefix string
		at     Storage
	}{{"s3://", S3}, {"s3a://", S3}, {"abfss://", ABFSS}, {"gs://", GCS}, {"file:", Local}, {"/Volumes/", Volume}, {"/Workspace/", Workspace},
		{"/Users/", Workspace}, {"/Shared/", Workspace}, {"/Repos/", Workspace}} {
		if strings.HasPrefix(path, p.prefix) {
			if p.at == Workspace {
				path = strings.TrimPrefix(path, "/Workspace")
			}
			return p.at, path
		}
	}
	switch rest, ok := strings.CutPrefix(path, "dbfs:"); {
	case ok && strings.HasPrefix(rest, "/Volumes/"):
		return Volume, rest
	case ok:
		return DBFS, path
	case strings.HasPrefix(path, "/dbfs/"):
		return DBFS, "dbfs:" + strings.TrimPrefix(path, "/dbfs")
	case strings.HasPrefix(path, "/"):
		return DBFS, "dbfs:" + path // as clusters read a path without a scheme
	}
	return Other, path
}

type uses []*Use

func (u *uses) add(storage Storage, path, user string) {
	i := slices.IndexFunc(*u, func(x *Use) bool { return x.Storage == storage && x.Path == path && x.ID == "" })
	if i < 0 {
		i = len(*u)
		*u = append(*u, &Use{Storage: storage, Path: path})
	}
	if x := (*u)[i]; !slices.Contains(x.Users, user) {
		x.Users = append(x.Users, user)
	}
}

func (u uses) sorted() []Use {
	var out []Use
	for _, x := range u {
		out = append(out, *x)
	}
	slices.SortStableFunc(out, func(a, b Use) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// MaxScript bounds the size of a script or a list of requirements that is read
// from a volume or DBFS. The platform's own bound is 64 KB.
const MaxScript = 10 << 20

var errSize = errors.New("it is larger than 10 MB, which no init script is")

// Content reads a file from a volume, DBFS, or the global init scripts.
func Content(ctx context.Context, c *workspace.Client, u *Use) ([]byte, error) {
	content, err := read(ctx, c, u)
	if errors.Is(err, errSize) {
		return nil, err
	}
	return content, c.Explain(u.Path, err)
}

func read(ctx context.Context, c *workspace.Client, u *Use) ([]byte, error) {
	switch u.Storage {
	case Global:
		s, err := compute.NewGlobalInitScripts(c.API).GetByScriptId(ctx, u.ID)
		if err != nil {
			return nil, err
		}
		return base64.StdEncoding.DecodeString(s.Script)
	case Volume:
		api := files.NewFiles(c.API)
		meta, err := api.GetMetadataByFilePath(ctx, u.Path)
		if err != nil {
			return nil, err
		}
		if meta.ContentLength > MaxScript {
			return nil, errSize
		}
		d, err := api.DownloadByFilePath(ctx, u.Path)
		if err != nil {
			return nil, err
		}
		defer d.Contents.Close()
		return io.ReadAll(d.Contents)
	case DBFS:
		return readDBFS(ctx, files.NewDbfs(c.API), strings.TrimPrefix(u.Path, "dbfs:"))
	}
	return nil, errors.New("files of " + string(u.Storage) + " are not read")
}

// readDBFS reads a file in the pieces that the service gives, a megabyte each.
func readDBFS(ctx context.Context, api *files.DbfsAPI, path string) ([]byte, error) {
	info, err := api.GetStatus(ctx, files.GetStatusRequest{Path: path})
	if err != nil {
		return nil, err
	}
	if info.FileSize > MaxScript {
		return nil, errSize
	}
	var out []byte
	for int64(len(out)) < info.FileSize {
		piece, err := api.Read(ctx, files.ReadDbfsRequest{Path: path, Offset: int64(len(out)), Length: 1 << 20})
		if err != nil {
			return nil, err
		}
		b, err := base64.StdEncoding.DecodeString(piece.Data)
		if err != nil {
			return nil, err
		}
		if len(b) == 0 {
			return nil, errors.New("it was cut short while it was read")
		}
		out = append(out, b...)
	}
	return out, nil
}
