package emulator

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

// start is an emulated workspace and a client of the real SDK.
func start(t *testing.T, opt Options) (*Server, *testClient) {
	t.Helper()
	s := New(opt)
	t.Cleanup(s.Close)
	return s, connect(t, s)
}

func connect(t *testing.T, s *Server) *testClient {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("DATABRICKS_CONFIG_FILE", t.TempDir()+"/none")
	return connectAs(t, s, s.Token())
}

// testClient are the services of the SDK.
type testClient struct {
	*client.DatabricksClient
	CurrentUser *iam.CurrentUserAPI
	Workspace   *workspace.WorkspaceAPI
	Repos       *workspace.ReposAPI
}

func connectAs(t *testing.T, s *Server, token string) *testClient {
	t.Helper()
	api, err := client.New(&config.Config{Host: s.URL(), Token: token, RateLimitPerSecond: 1000, RetryTimeoutSeconds: 5})
	if err != nil {
		t.Fatal(err)
	}
	return &testClient{api, iam.NewCurrentUser(api), workspace.NewWorkspace(api), workspace.NewRepos(api)}
}

var ctx = context.Background()

// wantError wants an error with a code and a part of its message.
func wantError(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var e *apierr.APIError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %d %s", err, status, code)
	}
	if e.StatusCode != status || e.ErrorCode != code || !strings.Contains(e.Message, message) {
		t.Errorf("got %d %s %q, want %d %s %q", e.StatusCode, e.ErrorCode, e.Message, status, code, message)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const python = "# Databricks notebook source\nimport requests\n\n# COMMAND ----------\n\n# MAGIC %sh\n# MAGIC curl http://example.com\n"

func TestClientStarts(t *testing.T) {
	s, w := start(t, Options{})
	user := must[*iam.User](t)(w.CurrentUser.Me(ctx, iam.MeRequest{}))
	if user.UserName != "admin@example.com" {
		t.Errorf("user %q", user.UserName)
	}
	if !w.Config.IsAws() {
		t.Error("the host is not on AWS")
	}
	if s.Count("GET", "/.well-known/databricks-config") == 0 {
		t.Error("the SDK did not ask for the host's configuration")
	}
}

func TestAuthentication(t *testing.T) {
	s, _ := start(t, Options{})
	w := connectAs(t, s, "wrong")
	_, err := w.CurrentUser.Me(ctx, iam.MeRequest{})
	wantError(t, err, 403, "403", "Invalid access token")
	r, err := http.Get(s.URL() + "/api/2.0/preview/scim/v2/Me")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, _ := io.ReadAll(r.Body); r.StatusCode != 401 || !strings.Contains(string(b), `"error_code":401`) {
		t.Errorf("%d %s", r.StatusCode, b)
	}
}

func TestListAndStatus(t *testing.T) {
	s, w := start(t, Options{})
	s.AddNotebook("/Users/ana@x.org/etl", Notebook{Language: "PYTHON", Content: []byte(python)})
	s.AddNotebook("/Users/ana@x.org/nb", Notebook{Format: "JUPYTER", Content: []byte(sqlJupyter), Undated: true})
	s.AddFile("/Users/ana@x.org/etl.py", []byte("print(1)\n"))
	s.AddRepo("/Repos/ana@x.org/code", Repo{URL: "https://github.com/x/code", Branch: "main", Provider: "gitHub"})
	s.AddRepo("/Users/ana@x.org/code", Repo{URL: "https://github.com/x/code", CLI: true})
	s.AddObject("/Users/ana@x.org/exp", "MLFLOW_EXPERIMENT", nil)

	list := must[[]workspace.ObjectInfo](t)(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Users/ana@x.org"}))
	var got []string
	for _, o := range list {
		git := ""
		if o.DirectoryInfo != nil {
			git = fmt.Sprintf(" git=%v", o.DirectoryInfo.IsGitFolder)
		}
		got = append(got, fmt.Sprintf("%s %s %s%s dated=%v size=%d", o.ObjectType, o.Path, o.Language, git, o.ModifiedAt != 0, o.Size))
	}
	want := `DIRECTORY /Users/ana@x.org/code  git=true dated=false size=0
NOTEBOOK /Users/ana@x.org/etl PYTHON dated=true size=0
FILE /Users/ana@x.org/etl.py  dated=true size=9
MLFLOW_EXPERIMENT /Users/ana@x.org/exp  dated=true size=0
NOTEBOOK /Users/ana@x.org/nb PYTHON dated=false size=0`
	if strings.Join(got, "\n") != want {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
	repos := must[[]workspace.ObjectInfo](t)(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Workspace/Repos/ana@x.org"}))
	if len(repos) != 1 || repos[0].ObjectType != "REPO" || repos[0].Path != "/Workspace/Repos/ana@x.org/code" {
		t.Errorf("repos %v", repos)
	}
	empty := must[[]workspace.ObjectInfo](t)(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Shared"}))
	if len(empty) != 0 {
		t.Errorf("shared holds %v", empty)
	}
	one := must[[]workspace.ObjectInfo](t)(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Users/ana@x.org/etl"}))
	if len(one) != 1 || one[0].Path != "/Users/ana@x.org/etl" {
		t.Errorf("a list of an object is %v", one)
	}
	_, err := w.Workspace.GetStatusByPath(ctx, "/Users/ana@x.org/none")
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "Path (/Users/ana@x.org/none) doesn't exist.")
	_, err = w.Workspace.GetStatusByPath(ctx, "Users/ana@x.org")
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "doesn't start with '/'")
	for path, format := range map[string]string{"/Users/ana@x.org/etl": "SOURCE", "/Users/ana@x.org/nb": "JUPYTER", "/Users/ana@x.org/etl.py": ""} {
		if got := exportFormat(t, w, path); got != format {
			t.Errorf("%s is stored as %q, want %q", path, got, format)
		}
	}
}

func exportFormat(t *testing.T, w *testClient, path string) string {
	t.Helper()
	var answer struct {
		Format string `json:"repos_export_format"`
	}
	err := w.Do(ctx, http.MethodGet, "/api/2.0/workspace/get-status", nil, nil, map[string]string{"path": path, "return_export_info": "true"}, &answer)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Format
}

func download(t *testing.T, w *testClient, path string, format workspace.ExportFormat) []byte {
	t.Helper()
	direct := must[[]byte](t)(func() ([]byte, error) {
		r, err := w.Workspace.Download(ctx, path, workspace.DownloadFormat(format))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}())
	packed := must[*workspace.ExportResponse](t)(w.Workspace.Export(ctx, workspace.ExportRequest{Path: path, Format: format}))
	if b, err := base64.StdEncoding.DecodeString(packed.Content); err != nil || string(b) != string(direct) {
		t.Errorf("%s: the two ways to export differ", path)
	}
	return direct
}

func TestImport(t *testing.T) {
	s, w := start(t, Options{MaxImport: 1000})
	const path = "/Users/admin@example.com/nb"
	upload := func(content string, opts ...workspace.UploadOption) error {
		return w.Workspace.Upload(ctx, path, strings.NewReader(content), opts...)
	}
	if err := upload(python, workspace.UploadLanguage("PYTHON")); err != nil {
		t.Fatal(err)
	}
	before, _ := s.Object(path)
	wantError(t, upload(python, workspace.UploadLanguage("PYTHON")), 400, "RESOURCE_ALREADY_EXISTS", "already exists")
	wantError(t, upload(python), 400, "INVALID_PARAMETER_VALUE", "The zip file may not be valid")
	wantError(t, upload(python, workspace.UploadLanguage("COBOL")), 400, "INVALID_PARAMETER_VALUE", "language")
	wantError(t, upload(python, workspace.UploadFormat("source"), workspace.UploadLanguage("PYTHON")), 400, "INVALID_PARAMETER_VALUE", "format")
	wantError(t, upload(python, workspace.UploadFormat("AUTO"), workspace.UploadOverwrite()), 400, "INVALID_PARAMETER_VALUE", "type mismatch (asked: FILE, actual: NOTEBOOK)")
	wantError(t, upload("x", workspace.UploadFormat("DBC"), workspace.UploadOverwrite()), 400, "INVALID_PARAMETER_VALUE", "Overwrite")
	wantError(t, upload("{}", workspace.UploadFormat("JUPYTER"), workspace.UploadOverwrite()), 400, "INVALID_PARAMETER_VALUE", "Jupyter")
	err := upload(strings.Repeat("x", 1001), workspace.UploadLanguage("PYTHON"), workspace.UploadOverwrite())
	wantError(t, err, 400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "exceeded max size")
	var e *apierr.APIError
	if errors.As(err, &e); e.ErrorDetails().ErrorInfo == nil || e.ErrorDetails().ErrorInfo.Reason != "MAX_NOTEBOOK_SIZE_EXCEEDED" {
		t.Error("the reason is missing")
	}
	if after, _ := s.Object(path); after.Writes != 1 || string(after.Content) != python {
		t.Errorf("refused imports left %d writes, %q", after.Writes, after.Content)
	}
	changed := strings.Replace(python, "example.com", "example.org", 1)
	err = w.Workspace.Import(ctx, workspace.Import{Path: path, Format: "SOURCE", Language: "PYTHON", Overwrite: true, Content: base64.StdEncoding.EncodeToString([]byte(changed))})
	if err != nil {
		t.Fatal(err)
	}
	after, _ := s.Object(path)
	if after.Writes != 2 || string(after.Content) != changed || after.ID != before.ID {
		t.Errorf("after the import: %+v", after)
	}
	wantError(t, w.Workspace.Upload(ctx, "/Views/x", strings.NewReader(python), workspace.UploadLanguage("PYTHON")), 404, "RESOURCE_DOES_NOT_EXIST", "The parent folder (/Views) does not exist.")
	wantError(t, w.Workspace.MkdirsByPath(ctx, "/Users/new@x.org"), 400, "DIRECTORY_PROTECTED", "Folder Users is protected")

	for name, want := range map[string]string{"a.py": "FILE", "b.sql": "FILE"} {
		if err := w.Workspace.WriteFile(ctx, "/Shared/"+name, []byte("-- text\n")); err != nil {
			t.Fatal(err)
		}
		if o, _ := s.Object("/Shared/" + name); o.Type != want {
			t.Errorf("%s became %s", name, o.Type)
		}
	}
	if err := w.Workspace.WriteFile(ctx, "/Shared/etl.py", []byte(python)); err != nil {
		t.Fatal(err)
	}
	if o, ok := s.Object("/Shared/etl"); !ok || o.Type != "NOTEBOOK" || o.Format != "SOURCE" {
		t.Errorf("AUTO made %+v", o)
	}
}

func TestStrict(t *testing.T) {
	_, w := start(t, Options{})
	do := func(method, path string, query map[string]string, body any) error {
		var q any
		if query != nil {
			q = query
		}
		return w.Do(ctx, method, path, map[string]string{"Content-Type": "application/json"}, map[string]any{}, firstOf(q, body), nil)
	}
	wantError(t, do("GET", "/api/2.0/workspace/nothing", nil, nil), 404, "ENDPOINT_NOT_FOUND", "No API found for 'GET /workspace/nothing'")
	wantError(t, do("POST", "/api/2.0/workspace/list", nil, map[string]any{"path": "/"}), 404, "ENDPOINT_NOT_FOUND", "")
	wantError(t, do("GET", "/api/2.0/workspace/list", map[string]string{"path": "/", "recursive": "true"}, nil), 400, "INVALID_PARAMETER_VALUE", "recursive")
	wantError(t, do("POST", "/api/2.0/workspace/mkdirs", nil, map[string]any{"path": "/Shared/x", "mode": 1}), 400, "MALFORMED_REQUEST", "mode")
	wantError(t, do("POST", "/api/2.0/workspace/mkdirs", nil, map[string]any{"path": 7}), 400, "MALFORMED_REQUEST", "")
	wantError(t, do("GET", "/api/2.0/workspace/export", map[string]string{"path": "/Shared", "format": "TEXT"}, nil), 400, "INVALID_PARAMETER_VALUE", "format")
	wantError(t, do("GET", "/api/2.0/workspace/export", map[string]string{"path": "/Shared", "format": "JUPYTER"}, nil), 400, "INVALID_PARAMETER_VALUE", "Directory")
	wantError(t, do("GET", "/api/2.0/workspace/export", map[string]string{"path": "/Shared", "direct_download": "yes"}, nil), 400, "INVALID_PARAMETER_VALUE", "direct_download")
}

// TestNothingIsPassedOver: each API refuses parameters and fields that it does
// not have, and callers without a token.
func TestNothingIsPassedOver(t *testing.T) {
	s, _ := start(t, Options{})
	for route := range routes() {
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("{type}", "notebooks", "{id}", "1", "/{path...}", "/Volumes/a/b/c/d").Replace(path)
		calls := map[string]string{path + "?nonsense=1": ""}
		if method == "POST" || method == "PATCH" {
			calls[path] = `{"nonsense": 1}`
		}
		for url, body := range calls {
			for token, want := range map[string]int{s.Token(): 400, "other": 403} {
				req, err := http.NewRequest(method, s.URL()+url, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+token)
				r, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				r.Body.Close()
				if r.StatusCode != want {
					t.Errorf("%s %s %s: %d, want %d", method, url, body, r.StatusCode, want)
				}
			}
		}
	}
}

func firstOf(a, b any) any {
	if a != nil {
		return a
	}
	return b
}

func TestFaults(t *testing.T) {
	s, w := start(t, Options{})
	const path = "/Users/admin@example.com/nb"
	s.AddNotebook(path, Notebook{Language: "PYTHON", Content: []byte(python)})
	read := func() (string, error) {
		r, err := w.Workspace.Download(ctx, path)
		if err != nil {
			return "", err
		}
		b, err := io.ReadAll(r)
		return string(b), err
	}
	s.Inject(Fault{Path: exportPath, Kind: Status(500)})
	_, err := read()
	wantError(t, err, 500, "INTERNAL_ERROR", "")

	s.Inject(Fault{Path: exportPath, Kind: Truncated})
	if got, err := read(); err == nil {
		t.Errorf("a truncated answer came as %q", got)
	}
	s.Inject(Fault{Path: exportPath, Kind: Status(503)})
	if got, err := read(); err != nil || got != python {
		t.Errorf("after a 503: %q, %v", got, err)
	}
	s.Inject(Fault{Path: exportPath, Object: path, After: 1, Hook: func(s *Server) { s.Edit(path, []byte("other")) }})
	if got, _ := read(); got != python {
		t.Errorf("before the edit: %q", got)
	}
	if got, _ := read(); got != "other" {
		t.Errorf("after the edit: %q", got)
	}

	write := func(content string) error {
		return w.Workspace.Upload(ctx, path, strings.NewReader(content), workspace.UploadLanguage("PYTHON"), workspace.UploadOverwrite())
	}
	s.Inject(Fault{Method: "POST", Path: importPath, Kind: LostReply})
	if err := write(python); err == nil {
		t.Error("the reply was not lost")
	}
	if o, _ := s.Object(path); string(o.Content) != python || o.Writes != 1 {
		t.Errorf("after the lost reply: %+v", o)
	}
	s.Inject(Fault{Method: "POST", Path: importPath, Kind: LostReset})
	if err := write(python + "\n"); err != nil {
		t.Errorf("the SDK does not retry after a reset: %v", err)
	}
	if o, _ := s.Object(path); o.Writes != 3 {
		t.Errorf("after the reset there are %d writes", o.Writes)
	}
	s.Inject(Fault{Method: "POST", Path: importPath, Kind: Drop})
	if err := write("x"); err == nil {
		t.Error("the connection was not dropped")
	}
	if o, _ := s.Object(path); o.Writes != 3 {
		t.Errorf("a dropped call was served")
	}
	s.Inject(Fault{Path: exportPath, Kind: Stall})
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := w.Workspace.Download(short, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a stalled call ended with %v", err)
	}
	var faults []string
	for _, r := range s.Requests() {
		if r.Fault != "" {
			faults = append(faults, r.Fault)
		}
	}
	if got := strings.Join(faults, ", "); got != "500, truncated, 503, lost reply, lost reply, reset, drop, stall" {
		t.Errorf("the log has %s", got)
	}
}

func TestDeny(t *testing.T) {
	s, w := start(t, Options{})
	for _, name := range []string{"hidden", "unread", "fixed", "noacl"} {
		s.AddNotebook("/Shared/"+name+"/nb", Notebook{Language: "PYTHON", Content: []byte(python)})
	}
	s.Deny("/Shared/hidden")
	s.Deny("/Shared/unread", NoRead)
	s.Deny("/Shared/fixed", NoWrite)
	s.Deny("/Shared/noacl", NoACL)
	s.Deny("/api/2.0/repos")
	list := must[[]workspace.ObjectInfo](t)(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Shared"}))
	if len(list) != 3 {
		t.Errorf("listed: %v", list)
	}
	_, err := w.Workspace.GetStatusByPath(ctx, "/Shared/hidden/nb")
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "")
	_, err = w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Shared/unread"})
	wantError(t, err, 403, "PERMISSION_DENIED", "")
	_, err = w.Workspace.Download(ctx, "/Shared/unread/nb")
	wantError(t, err, 403, "PERMISSION_DENIED", "CAN_READ")
	download(t, w, "/Shared/fixed/nb", "SOURCE")
	err = w.Workspace.Upload(ctx, "/Shared/fixed/nb", strings.NewReader(python), workspace.UploadLanguage("PYTHON"), workspace.UploadOverwrite())
	wantError(t, err, 403, "PERMISSION_DENIED", "CAN_EDIT")
	o, _ := s.Object("/Shared/noacl/nb")
	_, err = w.Workspace.GetPermissionsByWorkspaceObjectTypeAndWorkspaceObjectId(ctx, "notebooks", fmt.Sprint(o.ID))
	wantError(t, err, 403, "PERMISSION_DENIED", "")
	//lint:ignore SA1019 this API is emulated as it is
	_, err = w.Repos.ListAll(ctx, workspace.ListReposRequest{})
	wantError(t, err, 403, "PERMISSION_DENIED", "")
}

func TestPermissionsAndRepos(t *testing.T) {
	s, w := start(t, Options{})
	id := s.AddNotebook("/Shared/nb", Notebook{Language: "R", Content: []byte("# Databricks notebook source\n")})
	s.SetPermissions("/Shared/nb", Grant{User: "ana@x.org", Level: "CAN_MANAGE"}, Grant{Group: "data", Level: "CAN_RUN"})
	p := must[*workspace.WorkspaceObjectPermissions](t)(w.Workspace.GetPermissionsByWorkspaceObjectTypeAndWorkspaceObjectId(ctx, "notebooks", fmt.Sprint(id)))
	if len(p.AccessControlList) != 3 || p.AccessControlList[1].GroupName != "data" || p.AccessControlList[1].AllPermissions[0].PermissionLevel != "CAN_RUN" || p.ObjectType != "notebook" {
		t.Errorf("permissions %+v", p)
	}
	_, err := w.Workspace.GetPermissionsByWorkspaceObjectTypeAndWorkspaceObjectId(ctx, "files", fmt.Sprint(id))
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "")
	_, err = w.Workspace.GetPermissionsByWorkspaceObjectTypeAndWorkspaceObjectId(ctx, "gadgets", fmt.Sprint(id))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "gadgets")

	for i := range 45 {
		s.AddRepo(fmt.Sprintf("/Repos/ana@x.org/r%02d", i), Repo{URL: "https://github.com/x/r", Branch: "main", Provider: "gitHub"})
	}
	s.AddRepo("/Users/ana@x.org/code", Repo{CLI: true})
	//lint:ignore SA1019 this API is emulated as it is
	repos := must[[]workspace.RepoInfo](t)(w.Repos.ListAll(ctx, workspace.ListReposRequest{}))
	if len(repos) != 45 || repos[44].Path != "/Repos/ana@x.org/r44" {
		t.Errorf("%d repos", len(repos))
	}
	if s.Count("GET", "/api/2.0/repos") != 3 {
		t.Errorf("%d pages", s.Count("GET", "/api/2.0/repos"))
	}
	//lint:ignore SA1019 this API is emulated as it is
	users := must[[]workspace.RepoInfo](t)(w.Repos.ListAll(ctx, workspace.ListReposRequest{PathPrefix: "/Workspace/Users"}))
	if len(users) != 1 {
		t.Errorf("repos of users: %v", users)
	}
}

// apierrResponse is an answer as it comes over the wire.
type apierrResponse struct {
	status           int
	body, retryAfter string
}

// bareGet calls without the SDK.
func bareGet(s *Server, pathAndQuery string) (*apierrResponse, error) {
	req, err := http.NewRequest("GET", s.URL()+pathAndQuery, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.Token())
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return &apierrResponse{r.StatusCode, string(b), r.Header.Get("Retry-After")}, err
}

// TestOddNames: a name may hold anything but a slash.
func TestOddNames(t *testing.T) {
	s, w := start(t, Options{})
	names := []string{"a:b", "a|b", `a\b`, `"quoted"`, "it's", "🚀 emoji", "trailing.", "trailing ", " leading", "..x", "CON", "a%2Fb", "a+b", "日本語", "e\u0301", "\u00e9", "foo", "foo.py", "FOO"}
	for _, name := range names {
		s.AddFile("/Shared/odd/"+name, []byte(name))
	}
	list := must[[]workspace.ObjectInfo](t)(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Shared/odd"}))
	if len(list) != len(names) {
		t.Errorf("%d objects", len(list))
	}
	for _, name := range names {
		if got := download(t, w, "/Shared/odd/"+name, "SOURCE"); string(got) != name {
			t.Errorf("%q holds %q", name, got)
		}
		if err := w.Workspace.WriteFile(ctx, "/Shared/odd/"+name, []byte("new "+name)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if o, _ := s.Object("/Shared/odd/" + name); string(o.Content) != "new "+name {
			t.Errorf("%q was not written", name)
		}
	}
}

// TestLaterFaults: what takes effect before it fails, and normalising imports.
func TestLaterFaults(t *testing.T) {
	s, w := start(t, Options{})
	const path = "/Shared/nb"
	id := s.AddNotebook(path, Notebook{Language: "PYTHON", Content: []byte(python)})
	write := func(ctx context.Context, content string) error {
		return w.Workspace.Upload(ctx, path, strings.NewReader(content), workspace.UploadLanguage("PYTHON"), workspace.UploadOverwrite())
	}
	s.Inject(Fault{Path: importPath, Kind: StatusAfter(504)})
	wantError(t, write(ctx, "# Databricks notebook source\n1\n"), 504, "DEADLINE_EXCEEDED", "")
	if o, _ := s.Object(path); o.Writes != 1 {
		t.Errorf("%d writes", o.Writes)
	}
	s.Inject(Fault{Path: importPath, Kind: LostStall})
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if err := write(short, "# Databricks notebook source\n2\n"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stalled: %v", err)
	}
	if o, _ := s.Object(path); o.Writes != 2 {
		t.Errorf("%d writes", o.Writes)
	}
	s.Inject(Fault{Path: "/api/2.0/permissions/*", Object: path, Kind: Drop})
	if _, err := w.Workspace.GetPermissionsByWorkspaceObjectTypeAndWorkspaceObjectId(ctx, "notebooks", fmt.Sprint(id)); err == nil {
		t.Error("a GET is sent again when the connection drops")
	}
	s.Normalise(Reserialise)
	if err := write(ctx, "# Databricks notebook source\r\n3\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if o, _ := s.Object(path); string(o.Content) != "# Databricks notebook source\n3\n" {
		t.Errorf("stored %q", o.Content)
	}
	s.Inject(Fault{Kind: Status(500), Times: -1})
	s.Clear()
	if _, err := w.Workspace.GetStatusByPath(ctx, path); err != nil {
		t.Errorf("after Clear: %v", err)
	}
}

// TestOAuth: the SDK fetches a token for a service principal, and one that
// ran out is refused.
func TestOAuth(t *testing.T) {
	clk := newClock()
	s, _ := start(t, Options{Now: clk.Now})
	api := must[*client.DatabricksClient](t)(client.New(&config.Config{Host: s.URL(), ClientID: ClientID, ClientSecret: ClientSecret}))
	me := iam.NewCurrentUser(api)
	for range 2 {
		if _, err := me.Me(ctx, iam.MeRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Count("POST", tokenPath); n != 1 {
		t.Errorf("%d tokens were fetched", n)
	}
	clk.add(2 * time.Hour)
	_, err := me.Me(ctx, iam.MeRequest{})
	wantError(t, err, 403, "403", "Invalid access token")
	api = must[*client.DatabricksClient](t)(client.New(&config.Config{Host: s.URL(), ClientID: ClientID, ClientSecret: "wrong"}))
	if _, err := iam.NewCurrentUser(api).Me(ctx, iam.MeRequest{}); err == nil {
		t.Error("a wrong secret is taken")
	}
}

// TestTooLarge: the three ways in which an export over the limit was seen to
// be refused.
func TestTooLarge(t *testing.T) {
	for how, want := range map[TooLarge]string{ByCode: `"MAX_NOTEBOOK_SIZE_EXCEEDED"`, ByMessage: `"BAD_REQUEST"`, BySuccess: `"MAX_NOTEBOOK_SIZE_EXCEEDED"`} {
		s, _ := start(t, Options{MaxExport: 100, TooLarge: how})
		s.AddNotebook("/Shared/nb", Notebook{Language: "PYTHON", Content: []byte(python + python)})
		r := must[*apierrResponse](t)(bareGet(s, exportPath+"?path=/Shared/nb"))
		if (r.status == 200) != (how == BySuccess) || !strings.Contains(r.body, want) || strings.Contains(r.body, "content") {
			t.Errorf("%d: %d %s", how, r.status, r.body)
		}
	}
}

func TestBodies(t *testing.T) {
	s, w := start(t, Options{})
	s.Inject(Fault{Kind: Bare(429)})
	if r := must[*apierrResponse](t)(bareGet(s, "/api/2.0/repos")); r.status != 429 || r.body != "" {
		t.Errorf("bare: %+v", r)
	}
	s.Inject(Fault{Kind: Page(502)})
	_, err := w.Workspace.GetStatusByPath(ctx, "/Shared")
	wantError(t, err, 502, "BAD_GATEWAY", "Bad Gateway")
}

func TestRecreate(t *testing.T) {
	s, w := start(t, Options{})
	id := s.AddNotebook("/Shared/nb", Notebook{Language: "PYTHON", Content: []byte(python)})
	s.SetPermissions("/Shared/nb", Grant{User: "ana@x.org", Level: "CAN_RUN"})
	s.Recreate(true)
	if err := w.Workspace.Upload(ctx, "/Shared/nb", strings.NewReader(python), workspace.UploadLanguage("PYTHON"), workspace.UploadOverwrite()); err != nil {
		t.Fatal(err)
	}
	o, _ := s.Object("/Shared/nb")
	if o.ID == id || len(o.Permissions) != 2 || o.Permissions[0].User == "ana@x.org" {
		t.Errorf("recreated: %+v", o)
	}
	if _, err := w.Workspace.GetPermissionsByWorkspaceObjectTypeAndWorkspaceObjectId(ctx, "notebooks", fmt.Sprint(id)); err == nil {
		t.Error("the old id is known")
	}
}
