package main

import (
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace/emulator"
)

// The workspace of the benchmarks answers each request after 20 ms. The rates
// that a real one allows (60 exports a second, and what the client keeps to by
// itself) are lifted, for at those 10,000 notebooks take three minutes whatever
// the program does; what is measured is what it adds to the wait.
const (
	benchLatency = 20 * time.Millisecond
	benchJobs    = 16
	perFolder    = 100
)

// benchWorkspace is an emulated workspace of n Python notebooks, one in fifty of
// which calls the metadata service, in folders of a hundred.
func benchWorkspace(b *testing.B, n int, latency time.Duration) *emulator.Server {
	s := emulator.New(emulator.Options{Latency: latency, KeepRequests: -1,
		Now: func() time.Time { return time.Unix(1_700_000_000, 0) }})
	b.Cleanup(s.Close)
	rnd := rand.New(rand.NewSource(1))
	var texts [50][]byte
	for i := range texts {
		texts[i] = sourceNotebook(rnd, i == 0)
	}
	for f := range n / perFolder {
		s.Generate(benchFolder(f), "nb", perFolder, func(i int) emulator.Item {
			return emulator.Item{Language: "PYTHON", Format: "SOURCE", Content: texts[i%len(texts)]}
		})
	}
	return s
}

func benchFolder(i int) string { return fmt.Sprintf("/Users/user%02d@example.org/project%d", i%40, i) }

// benchRequests are those that the export of such a workspace cannot do
// without: each folder is listed, each notebook asked for its stored format, and
// exported.
func benchRequests(n int) []string {
	var out []string
	add := func(api string, q url.Values) { out = append(out, "/api/2.0/workspace/"+api+"?"+q.Encode()) }
	list := func(p string) { add("list", url.Values{"path": {p}}) }
	list("/")
	list("/Users")
	for u := range 40 {
		list(fmt.Sprintf("/Users/user%02d@example.org", u))
	}
	for f := range n / perFolder {
		list(benchFolder(f))
	}
	for i := range n {
		p := fmt.Sprintf("%s/nb%d", benchFolder(i/perFolder), i%perFolder)
		add("get-status", url.Values{"path": {p}, "return_export_info": {"true"}})
		add("export", url.Values{"path": {p}, "format": {"SOURCE"}})
	}
	return out
}

// floor sends requests, as many at a time as the program does, and nothing
// else: no decoding, no files, no order.
func floor(b *testing.B, s *emulator.Server, requests []string) time.Duration {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchJobs}}
	next := make(chan string)
	var wg sync.WaitGroup
	start := time.Now()
	for range benchJobs {
		wg.Go(func() {
			for u := range next {
				req, err := http.NewRequest(http.MethodGet, s.URL()+u, nil)
				if err != nil {
					b.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+s.Token())
				resp, err := client.Do(req)
				if err != nil {
					b.Error(err)
					continue
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
					b.Error(u, resp.Status, err)
				}
				_ = resp.Body.Close()
			}
		})
	}
	for _, r := range requests {
		next <- r
	}
	close(next)
	wg.Wait()
	return time.Since(start)
}

// benchBinary builds the program, so that its time and memory are its own.
func benchBinary(b *testing.B) string {
	bin := filepath.Join(b.TempDir(), "imdsscan")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// onWorkspace runs the program against a workspace. rss is its largest size in
// memory, in bytes; 0 where the system does not tell.
func onWorkspace(b *testing.B, s *emulator.Server, want int, bin string, args ...string) (took time.Duration, rss int64) {
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "DATABRICKS_HOST="+s.URL(), "DATABRICKS_TOKEN="+s.Token(), "DATABRICKS_RATE_LIMIT=1000000",
		"DATABRICKS_CONFIG_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	start := time.Now()
	_ = cmd.Run()
	took = time.Since(start)
	if code := cmd.ProcessState.ExitCode(); code != want {
		b.Fatalf("%v: exit %d, want %d\n%s", args, code, want, stderr.String())
	}
	return took, maxRSS(cmd.ProcessState)
}

// BenchmarkWorkspaceExport exports 10,000 notebooks, and brings the export up to
// date. times-floor is its time over that of a loop that sends the same requests,
// measured beside it; times-computed that over what latency and concurrency alone
// would allow.
func BenchmarkWorkspaceExport(b *testing.B) {
	const objects = 10_000
	bin, requests := benchBinary(b), benchRequests(objects)
	s := benchWorkspace(b, objects, benchLatency)
	computed := benchLatency * time.Duration(len(requests)) / benchJobs
	for b.Loop() {
		least := floor(b, s, requests)
		dir := b.TempDir()
		first, rss := onWorkspace(b, s, exitClean, bin, "export", "-q", "-j", fmt.Sprint(benchJobs), "workspace:/", dir)
		again, _ := onWorkspace(b, s, exitClean, bin, "export", "-q", "-j", fmt.Sprint(benchJobs), "workspace:/", dir)
		b.ReportMetric(first.Seconds(), "s-export")
		b.ReportMetric(again.Seconds(), "s-again")
		b.ReportMetric(least.Seconds(), "s-floor")
		b.ReportMetric(computed.Seconds(), "s-computed")
		b.ReportMetric(first.Seconds()/least.Seconds(), "times-floor")
		b.ReportMetric(first.Seconds()/computed.Seconds(), "times-computed")
		b.ReportMetric(float64(rss)/1e6, "MB-peak")
	}
}

// BenchmarkWorkspaceCheck scans the same workspace where it is. It asks no more
// than the export does, sixteen at a time as the floor.
func BenchmarkWorkspaceCheck(b *testing.B) {
	const objects = 10_000
	bin, requests := benchBinary(b), benchRequests(objects)
	s := benchWorkspace(b, objects, benchLatency)
	computed := benchLatency * time.Duration(len(requests)) / benchJobs
	for b.Loop() {
		least := floor(b, s, requests)
		took, rss := onWorkspace(b, s, exitFindings, bin, "check", "-q", "workspace:/")
		b.ReportMetric(took.Seconds(), "s-check")
		b.ReportMetric(least.Seconds(), "s-floor")
		b.ReportMetric(took.Seconds()/least.Seconds(), "times-floor")
		b.ReportMetric(took.Seconds()/computed.Seconds(), "times-computed")
		b.ReportMetric(float64(rss)/1e6, "MB-peak")
	}
}

// BenchmarkWorkspaceMemory exports 1,000 and then 100,000 small files without
// latency, scans both where they are, and compares the largest sizes in memory.
func BenchmarkWorkspaceMemory(b *testing.B) {
	bin := benchBinary(b)
	for b.Loop() {
		var export, check [2]int64
		for i, n := range []int{1000, 100_000} {
			s := emulator.New(emulator.Options{KeepRequests: -1, Now: func() time.Time { return time.Unix(1_700_000_000, 0) }})
			for f := range n / perFolder {
				s.Generate(benchFolder(f), "f", perFolder, func(int) emulator.Item { return emulator.Item{Content: []byte("print(1)\n")} })
			}
			_, export[i] = onWorkspace(b, s, exitClean, bin, "export", "-q", "-j", fmt.Sprint(benchJobs), "workspace:/", b.TempDir())
			_, check[i] = onWorkspace(b, s, exitClean, bin, "check", "-q", "workspace:/")
			s.Close()
		}
		for name, peak := range map[string][2]int64{"export": export, "check": check} {
			b.ReportMetric(float64(peak[0])/1e6, "MB-"+name+"-1k")
			b.ReportMetric(float64(peak[1])/1e6, "MB-"+name+"-100k")
			if peak[0] > 0 {
				b.ReportMetric(float64(peak[1])/float64(peak[0]), "times-memory-"+name)
			}
		}
	}
}
