package format

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/notebooks"
)

// FuzzOpen checks that whatever is read is tied to its file: the package span
// asserts that atoms tile each time a cell is decoded.
func FuzzOpen(f *testing.F) {
	for _, file := range lawFiles(f) {
		f.Add(file.Name, file.Data)
	}
	f.Add("a.ipynb", []byte(`{"cells":[{"source":["\ud83d","\ude00\n"]}],"nbformat":4}`))
	f.Add("a.py", []byte("# Databricks notebook source\r\n# MAGIC %sh\r\n\r\r\n# MAGIC\r\n# COMMAND ----------"))
	f.Add("a.html", []byte(htmlExport(htmlNotebook)))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		before := bytes.Clone(b)
		d, err := Open(name, b)
		if !bytes.Equal(before, b) {
			t.Fatal("the file's bytes were changed")
		}
		if (d == nil) != (err != nil) {
			t.Fatalf("%v and %v", d, err)
		}
		if err == nil {
			checkDocument(t, d)
		}
	})
}

func TestHostileInput(t *testing.T) {
	deep := strings.Repeat("[", 9_000)
	closed := strings.Repeat("]", 9_000)
	cell := `{"cell_type": "code", "source": "x = 1", "outputs": ` + deep + closed + `}`
	for name, tt := range map[string]struct {
		path, text string
		cells      int
	}{
		"deep outputs":        {"a.ipynb", `{"nbformat": 4, "cells": [` + cell + `]}`, 1},
		"deep source":         {"a.ipynb", `{"nbformat": 4, "cells": [{"source": ` + deep + closed + `}]}`, 0},
		"brackets in Python":  {"a.py", strings.Repeat("(", 10_000), 1},
		"one huge line":       {"a.py", strings.Repeat("x", 5_000_000), 1},
		"huge line of CRs":    {"a.sh", strings.Repeat("\r", 1_000_000), 1},
		"many separators":     {"a.py", "# Databricks notebook source\n" + strings.Repeat("# COMMAND ----------\n", 100_000), 100_001},
		"many near misses":    {"a.py", "# Databricks notebook source\n" + strings.Repeat("# COMMAND ---------- ", 100_000), 1},
		"many comments":       {"a.py", "# Databricks notebook source\n" + strings.Repeat("# MAGIC #\n", 200_000), 1},
		"many nested magics":  {"a.ipynb", `{"nbformat": 4, "cells": [{"source": "` + strings.Repeat(`%%time\n`, 100_000) + `"}]}`, 1},
		"many options":        {"a.ipynb", `{"nbformat": 4, "cells": [{"source": "%sh ` + strings.Repeat(`-e `, 100_000) + `"}]}`, 1},
		"many NaN":            {"a.ipynb", `{"nbformat": 4, "cells": [], "metadata": [` + strings.Repeat(`NaN,`, 200_000) + `0]}`, 0},
		"many empty elements": {"a.ipynb", `{"nbformat": 4, "cells": [{"source": [` + strings.Repeat(`"",`, 200_000) + `""]}]}`, 1},
		"shebang of a novel":  {"run", "#!" + strings.Repeat("env ", 1_000_000), 1},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			d, err := Open(tt.path, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Cells) != tt.cells {
				t.Errorf("%d cells, want %d", len(d.Cells), tt.cells)
			}
			checkDocument(t, d)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestTruncatedAnywhere cuts a notebook at every byte: a clear error each
// time, and a place inside of the file.
func TestTruncatedAnywhere(t *testing.T) {
	full := `{"nbformat": 4, "metadata": {"kernelspec": {"name": "x"}}, "cells": [{"cell_type": "code", "source": ["a\u00e9\n", "b"], "outputs": [1.5e3, true, null]}]}`
	for n := range full {
		_, err := Open("a.ipynb", []byte(full[:n]))
		syn, ok := err.(*SyntaxError)
		if !ok || syn.Offset > n || syn.Reason != "it ends too early" {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	if d, err := Open("a.ipynb", []byte(full)); err != nil || len(d.Cells) != 1 {
		t.Error(err)
	}
}

// bigNotebook is a notebook of n cells with 40 kB of outputs each.
func bigNotebook(n int) []byte {
	var s bytes.Buffer
	s.WriteString(`{"nbformat": 4, "cells": [`)
	for i := range n {
		if i > 0 {
			s.WriteByte(',')
		}
		fmt.Fprintf(&s, "\n{\"cell_type\": \"code\", \"source\": [\"x = %d\\n\", \"y\"], \"outputs\": [{\"data\": [%s\"\"]}]}", i,
			strings.Repeat("\""+strings.Repeat("iVBORw0K", 9)+"\\n\",\n", 540))
	}
	s.WriteString("]}")
	return s.Bytes()
}

// TestOutputsAreNotCopied opens a large notebook that is nearly all outputs:
// what is allocated is a small part of the file.
func TestOutputsAreNotCopied(t *testing.T) {
	b := bigNotebook(250)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := Open("a.ipynb", b)
	runtime.ReadMemStats(&after)
	if err != nil || len(d.Cells) != 250 || d.Cells[249].Language != notebooks.Python {
		t.Fatal(err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > uint64(len(b)/10) {
		t.Errorf("%d bytes allocated for a file of %d", got, len(b))
	}
}

func BenchmarkOpenIPynb(b *testing.B) {
	nb := bigNotebook(250)
	b.SetBytes(int64(len(nb)))
	b.ReportAllocs()
	for range b.N {
		if _, err := Open("a.ipynb", nb); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenSource(b *testing.B) {
	nb := []byte("# Databricks notebook source\n" + strings.Repeat("# MAGIC %sh\n# MAGIC curl http://example.com\n\n# COMMAND ----------\n\nx = 1\ny = 2\n\n# COMMAND ----------\n\n", 10_000))
	b.SetBytes(int64(len(nb)))
	b.ReportAllocs()
	for range b.N {
		if _, err := Open("a.py", nb); err != nil {
			b.Fatal(err)
		}
	}
}
