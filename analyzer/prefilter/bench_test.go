package prefilter

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/rules"
)

// notebook generates an ipynb of about size bytes as they are in workspaces:
// code, tables of numbers, logs and now and then a picture in the outputs.
func notebook(rnd *rand.Rand, size int) []byte {
	code := []string{
		"import boto3", "from pyspark.sql import functions as F", "df = spark.read.parquet(f\"s3://{bucket}/events/{day}/\")",
		"df = df.withColumn(\"rate\", F.col(\"amount\") / 1.25)", "display(df.groupBy(\"country\").agg(F.sum(\"amount\")))",
		"client = boto3.client(\"ec2\", region_name=\"eu-west-1\")", "# TABLES of the month: see the wiki's page on ingestion",
		"for name, frame in frames.items():", "    frame.write.mode(\"overwrite\").saveAsTable(f\"{schema}.{name}\")",
		"dbutils.widgets.text(\"date\", \"2024-05-06\")", "spark.conf.set(\"spark.sql.shuffle.partitions\", 200)",
	}
	var b bytes.Buffer
	b.WriteString("{\n \"cells\": [\n")
	for cell := 0; b.Len() < size; cell++ {
		if cell > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "  {\n   \"cell_type\": \"code\",\n   \"execution_count\": %d,\n   \"metadata\": {},\n   \"outputs\": [", cell)
		switch rnd.Intn(8) {
		case 0:
			png := make([]byte, 10_000+rnd.Intn(40_000))
			rnd.Read(png)
			fmt.Fprintf(&b, "{\"data\": {\"image/png\": \"%s\"}, \"output_type\": \"display_data\"}", base64.StdEncoding.EncodeToString(png))
		case 1, 2:
			var table strings.Builder
			for range 60 {
				fmt.Fprintf(&table, "%d  %.6f  %.4f  2024-%02d-%02d 10:%02d:00\n", rnd.Intn(1e6), rnd.NormFloat64(), rnd.Float64()*1e4, 1+rnd.Intn(12), 1+rnd.Intn(28), rnd.Intn(60))
			}
			text, _ := json.Marshal(table.String())
			fmt.Fprintf(&b, "{\"name\": \"stdout\", \"output_type\": \"stream\", \"text\": [%s]}", text)
		}
		b.WriteString("],\n   \"source\": [\n")
		lines := 3 + rnd.Intn(25)
		for i := range lines {
			line, _ := json.Marshal(code[rnd.Intn(len(code))] + "\n")
			fmt.Fprintf(&b, "    %s", line)
			if i < lines-1 {
				b.WriteString(",")
			}
			b.WriteString("\n")
		}
		b.WriteString("   ]\n  }")
	}
	b.WriteString("\n ],\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n")
	return b.Bytes()
}

func BenchmarkMatch(b *testing.B) {
	text := notebook(rand.New(rand.NewSource(7)), 16<<20)
	f := New()
	run := func(name string, match func([]byte) bool) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if match(text) {
					b.Fatal("the notebook holds a word")
				}
			}
		})
	}
	run("filter", f.Match)
	// The notebooks import boto3 all the time and pin it nowhere.
	run("packages", WithPackages(rules.AllFloors().Words()).Match)
	run("portable", func(t []byte) bool { return f.matchPortable(t, 0) })
	run("one-word", func(t []byte) bool { return bytes.Contains(t, []byte("169.254")) })
}

// tree writes notebooks of a megabyte or two, and as many small files.
func tree(b *testing.B, total int) (dir string, size int64) {
	dir = b.TempDir()
	rnd := rand.New(rand.NewSource(3))
	for n := 0; size < int64(total); n++ {
		want := 4_000 + rnd.Intn(20_000)
		if n%2 == 0 {
			want = 500_000 + rnd.Intn(2_000_000)
		}
		text := notebook(rnd, want)
		if n%50 == 7 {
			text = append(text, "# http://169.254.169.254/\n"...)
		}
		folder := filepath.Join(dir, fmt.Sprint("team", n%17))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("n%d.ipynb", n)), text, 0o644); err != nil {
			b.Fatal(err)
		}
		size += int64(len(text))
	}
	return dir, size
}

// search reads all files under dir with as many workers as there are
// processors and counts those that match.
func search(dir string, f *Filter) int {
	paths := make(chan string, 64)
	var matched atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			buf := Get()
			defer buf.Free()
			for path := range paths {
				if _, _, ok, err := buf.ReadMatching(path, f); err == nil && ok {
					matched.Add(1)
				}
			}
		})
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths <- path
		}
		return nil
	})
	close(paths)
	workers.Wait()
	return int(matched.Load())
}

func BenchmarkTree(b *testing.B) {
	dir, size := tree(b, 256<<20)
	f := New()
	b.SetBytes(size)
	for b.Loop() {
		if search(dir, f) == 0 {
			b.Fatal("nothing matches")
		}
	}
}

// BenchmarkTreeAgainstRipgrep runs both over the same files, in turns, and
// reports how many times as long the search here takes (below one: it is the
// faster one): against the same words, and against a search for one plain word.
func BenchmarkTreeAgainstRipgrep(b *testing.B) {
	rg, err := exec.LookPath("rg")
	if err != nil {
		b.Skip("ripgrep is not installed")
	}
	dir, size := tree(b, 256<<20)
	var words []string
	for _, list := range [][]string{endpoints, libraries, base64Endpoints} {
		for _, w := range list {
			words = append(words, "-e", strings.ReplaceAll(w, ".", `\.`))
		}
	}
	for _, w := range libraryNames {
		words = append(words, "-e", `\b`+w+`\b`)
	}
	b.Run("same-words", func(b *testing.B) { against(b, rg, append(words, "-i"), dir, size) })
	b.Run("one-word", func(b *testing.B) { against(b, rg, []string{"-F", "-e", "169.254.169.254"}, dir, size) })
}

func against(b *testing.B, rg string, words []string, dir string, size int64) {
	f := New()
	args := append([]string{"--no-config", "-uuu", "-a", "-l"}, words...)
	var own, other time.Duration
	b.SetBytes(size)
	for b.Loop() {
		start := time.Now()
		mine := search(dir, f)
		own += time.Since(start)
		start = time.Now()
		out, err := exec.Command(rg, append(args, dir)...).Output()
		other += time.Since(start)
		if theirs := bytes.Count(out, []byte("\n")); err != nil || theirs != mine {
			b.Fatalf("ripgrep finds %d files, the filter %d: %v", theirs, mine, err)
		}
	}
	b.ReportMetric(own.Seconds()/other.Seconds(), "times-ripgrep")
	b.ReportMetric(float64(size)*float64(b.N)/own.Seconds()/1e6, "own-MB/s")
	b.ReportMetric(float64(size)*float64(b.N)/other.Seconds()/1e6, "ripgrep-MB/s")
}
