package emulator

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/workspace"
)

func numbered(i int) Item {
	if i%10 == 9 {
		return Item{Content: fmt.Appendf(nil, "file %d\n", i)}
	}
	return Item{Language: "PYTHON", Format: "SOURCE", Content: fmt.Appendf(nil, "# Databricks notebook source\nx = %d\n", i)}
}

// TestGenerated: objects that are made on demand behave like stored ones.
func TestGenerated(t *testing.T) {
	s, w := start(t, Options{KeepRequests: -1})
	s.Generate("/Shared/many", "nb-", 1000, numbered)
	list := must[[]workspace.ObjectInfo](t)(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Shared/many"}))
	ids := map[int64]bool{}
	for _, o := range list {
		ids[o.ObjectId] = true
	}
	if len(list) != 1000 || len(ids) != 1000 || list[9].ObjectType != "FILE" || list[999].Path != "/Shared/many/nb-999" {
		t.Errorf("%d objects with %d ids", len(list), len(ids))
	}
	const path = "/Shared/many/nb-7"
	if got := download(t, w, path, "SOURCE"); string(got) != "# Databricks notebook source\nx = 7\n" {
		t.Errorf("exported %q", got)
	}
	for _, none := range []string{"nb-07", "nb-1000", "nb--1", "nb-", "nb-+7"} {
		if _, err := w.Workspace.GetStatusByPath(ctx, "/Shared/many/"+none); err == nil {
			t.Errorf("%s exists", none)
		}
	}
	upload := func(content string) {
		t.Helper()
		if err := w.Workspace.Upload(ctx, path, strings.NewReader(content), workspace.UploadLanguage("PYTHON"), workspace.UploadOverwrite()); err != nil {
			t.Fatal(err)
		}
	}
	before := must[*workspace.ObjectInfo](t)(w.Workspace.GetStatusByPath(ctx, path))
	upload("# Databricks notebook source\nx = 8\n")
	after := must[*workspace.ObjectInfo](t)(w.Workspace.GetStatusByPath(ctx, path))
	if o, _ := s.Object(path); o.Writes != 1 || after.ObjectId != before.ObjectId || string(o.Content) != "# Databricks notebook source\nx = 8\n" {
		t.Errorf("written: %+v", o)
	}
	if _, err := w.Workspace.GetPermissionsByWorkspaceObjectTypeAndWorkspaceObjectId(ctx, "notebooks", fmt.Sprint(list[500].ObjectId)); err != nil {
		t.Error(err)
	}
	if err := w.Workspace.Delete(ctx, workspace.Delete{Path: path}); err != nil {
		t.Fatal(err)
	}
	list = must[[]workspace.ObjectInfo](t)(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Shared/many"}))
	if _, ok := s.Object(path); ok || len(list) != 999 {
		t.Errorf("deleted, %d are left", len(list))
	}
}

// TestFlatMemory: a hundred thousand objects take no more than a thousand.
func TestFlatMemory(t *testing.T) {
	heap := func(n int) uint64 {
		s := New(Options{})
		defer s.Close()
		for i := range n / 1000 {
			s.Generate(fmt.Sprintf("/Shared/f%d", i), "nb-", 1000, numbered)
		}
		s.mu.Lock()
		for i := range n / 1000 {
			_ = s.tree.find(fmt.Sprintf("/Shared/f%d", i)).each(func(*node) error { return nil })
		}
		s.mu.Unlock()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	small, large := heap(1000), heap(100_000)
	if large > small+2<<20 {
		t.Errorf("1,000 objects take %d bytes, 100,000 take %d", small, large)
	}
}

// TestLatency: calls wait beside each other, not one after the other.
func TestLatency(t *testing.T) {
	s, w := start(t, Options{Latency: 200 * time.Millisecond})
	s.AddFile("/Shared/a", nil)
	begin := time.Now()
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if _, err := w.Workspace.GetStatusByPath(ctx, "/Shared/a"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if d := time.Since(begin); d < 200*time.Millisecond || d > 5*time.Second {
		t.Errorf("100 calls took %s", d)
	}
	if s.Peak() < 50 {
		t.Errorf("only %d calls waited at the same time", s.Peak())
	}
}

func TestRateLimit(t *testing.T) {
	s, w := start(t, Options{RateLimit: RateLimit{Export: 5, RetryAfter: time.Second}})
	s.AddFile("/Shared/a", []byte("x"))
	for range 8 { // the SDK waits and tries again
		if _, err := w.Workspace.Download(ctx, "/Shared/a"); err != nil {
			t.Fatal(err)
		}
	}
	refused := 0
	for _, r := range s.Requests() {
		if r.Status == 429 {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no call was refused")
	}
	s.SetRateLimit(RateLimit{Client: 0.001})
	_, err := w.Workspace.GetStatusByPath(ctx, "/Shared/a")
	if err != nil {
		t.Error(err)
	}
	r := must[*apierrResponse](t)(bareGet(s, "/api/2.0/workspace/get-status?path=/Shared/a"))
	if r.status != 200 {
		t.Errorf("another client is limited, too: %+v", r)
	}
	s.SetRateLimit(RateLimit{Client: 0.001, RetryAfter: 1500 * time.Millisecond})
	r = must[*apierrResponse](t)(bareGet(s, "/api/2.0/workspace/get-status?path=/Shared/a"))
	if r.status != 429 || r.retryAfter != "2" || !strings.Contains(r.body, "REQUEST_LIMIT_EXCEEDED") {
		t.Errorf("over the limit: %+v", r)
	}
	s.SetRateLimit(RateLimit{Client: 0.001})
	if r = must[*apierrResponse](t)(bareGet(s, "/api/2.0/repos")); r.status != 429 || r.retryAfter != "" {
		t.Errorf("without Retry-After: %+v", r)
	}
}

func TestConcurrentLimit(t *testing.T) {
	s, _ := start(t, Options{Latency: 100 * time.Millisecond, RateLimit: RateLimit{Concurrent: 3, Bare: true}})
	var mu sync.Mutex
	got := map[int]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			r, err := bareGet(s, "/api/2.0/repos")
			if err != nil || r.status == 429 && r.body != "" {
				t.Errorf("%+v %v", r, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			got[r.status]++
		})
	}
	wg.Wait()
	if got[429] == 0 || got[200] == 0 || got[200]+got[429] != 20 {
		t.Errorf("answers: %v", got)
	}
}
