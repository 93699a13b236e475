package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkScan is the whole way over a generated export: walking, reading,
// analysing the few files that matter. Where ripgrep is installed it searches
// the same tree for the same words, turn by turn in the same run, and the ratio
// of the times is reported: the machine's speed cancels out.
func BenchmarkScan(b *testing.B) {
	dir, size := exportedTree(b, 4000)
	rg, _ := exec.LookPath("rg")
	var own, other time.Duration
	b.SetBytes(size)
	for b.Loop() {
		start := time.Now()
		code := run(context.Background(), []string{"-q", dir}, streams{strings.NewReader(""), io.Discard, io.Discard})
		own += time.Since(start)
		if code != exitFindings {
			b.Fatalf("exit %d", code)
		}
		if rg == "" {
			continue
		}
		b.StopTimer()
		start = time.Now()
		// The words that make a file matter, as a plain search would look for them.
		out, err := exec.Command(rg, "--hidden", "-l", "-i", `169\.254|2852039166|0xA9FEA9FE|fd00:ec2|instance-data|\bboto\b|ec2[-_]?metadata`, dir).Output()
		other += time.Since(start)
		if err != nil || len(out) == 0 {
			b.Fatal("ripgrep finds nothing: ", err)
		}
		b.StartTimer()
	}
	if other > 0 {
		b.ReportMetric(float64(own)/float64(other), "times-ripgrep")
	}
}

// exportedTree writes notebooks as a workspace export has them: one in fifty
// calls the metadata service.
func exportedTree(b *testing.B, files int) (dir string, size int64) {
	dir = b.TempDir()
	rnd := rand.New(rand.NewSource(1))
	for i := range files {
		folder := filepath.Join(dir, fmt.Sprintf("user%02d", i%40))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			b.Fatal(err)
		}
		name, text := fmt.Sprintf("job%04d.py", i), sourceNotebook(rnd, i%50 == 0)
		if i%2 == 1 {
			name, text = fmt.Sprintf("nb%04d.ipynb", i), jupyterNotebook(rnd, i%50 == 1)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			b.Fatal(err)
		}
		size += int64(len(text))
	}
	return dir, size
}

// BenchmarkArchive scans an export as one DBC archive: each member is inflated
// and searched, the few that matter are analysed.
func BenchmarkArchive(b *testing.B) {
	rnd := rand.New(rand.NewSource(1))
	path := filepath.Join(b.TempDir(), "export.dbc")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := zip.NewWriter(f)
	size := 0
	for i := range 2000 {
		var commands []any
		for k := range 40 {
			code := benchCell(rnd)
			if i%50 == 0 && k == 7 {
				code = benchCall
			}
			commands = append(commands, map[string]any{"version": "CommandV1", "guid": fmt.Sprint(rnd.Int63()), "position": k, "command": code})
		}
		text, _ := json.Marshal(map[string]any{"version": "NotebookV1", "language": "python", "commands": commands})
		m, err := w.Create(fmt.Sprintf("user%02d/nb%04d.python", i%40, i))
		if err == nil {
			_, err = m.Write(text)
		}
		if err != nil {
			b.Fatal(err)
		}
		size += len(text)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if code := run(context.Background(), []string{"-q", path}, streams{strings.NewReader(""), io.Discard, io.Discard}); code != exitFindings {
			b.Fatalf("exit %d", code)
		}
	}
}

func benchCell(rnd *rand.Rand) string {
	return fmt.Sprintf("df%[1]d = spark.table(\"events_%[1]d\").where(\"day >= '2024-01-%02[2]d'\")\ndisplay(df%[1]d.groupBy(\"kind\").count())\n",
		rnd.Intn(900), rnd.Intn(28)+1)
}

const benchCall = "import requests\nzone = requests.get(\"http://169.254.169.254/latest/meta-data/placement/availability-zone\", timeout=2).text\n"

func sourceNotebook(rnd *rand.Rand, calls bool) []byte {
	cells := make([]string, 40)
	for i := range cells {
		cells[i] = benchCell(rnd)
	}
	if calls {
		cells[7] = benchCall
	}
	return []byte("# Databricks notebook source\n" + strings.Join(cells, "\n# COMMAND ----------\n\n"))
}

func jupyterNotebook(rnd *rand.Rand, calls bool) []byte {
	var cells []any
	for i := range 20 {
		code := benchCell(rnd)
		if calls && i == 7 {
			code = benchCall
		}
		rows := make([]string, 30)
		for j := range rows {
			rows[j] = fmt.Sprintf("| %d | kind-%d | %f |\n", j, rnd.Intn(90), rnd.Float64())
		}
		cells = append(cells, map[string]any{"cell_type": "code", "execution_count": i, "metadata": map[string]any{},
			"outputs": []any{map[string]any{"output_type": "stream", "name": "stdout", "text": rows}},
			"source":  strings.SplitAfter(code, "\n")})
	}
	text, _ := json.MarshalIndent(map[string]any{"nbformat": 4, "nbformat_minor": 5, "cells": cells,
		"metadata": map[string]any{"language_info": map[string]any{"name": "python"}}}, "", " ")
	return text
}

// BenchmarkLargeNotebook is one notebook of 50 MB, nearly all of it outputs.
// Its memory is proportional to the file, once over.
func BenchmarkLargeNotebook(b *testing.B) {
	row := strings.Repeat("x", 1000) + "\\n"
	var sb strings.Builder
	sb.WriteString(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","execution_count":1,"metadata":{},"outputs":[{"output_type":"stream","name":"stdout","text":["`)
	for sb.Len() < 50<<20 {
		sb.WriteString(row)
	}
	call, _ := json.Marshal(benchCall)
	sb.WriteString(`"]}],"source":` + string(call) + `}]}`)
	path := filepath.Join(b.TempDir(), "large.ipynb")
	if err := os.WriteFile(path, []byte(sb.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(sb.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if code := run(context.Background(), []string{"-q", path}, streams{strings.NewReader(""), io.Discard, io.Discard}); code != exitFindings {
			b.Fatalf("exit %d", code)
		}
	}
}
