// Package example fills an emulated workspace as a company of some size has
// it: notebooks in four languages and two formats, init scripts wherever they
// can lie, clusters old and new, jobs, policies, a pipeline. Much of it asks
// the metadata service without a token; some does it right, some asks another
// cloud's, some only writes about it. imdsscan demo shows the migration on it,
// and tests read it.
package example

import (
	"embed"
	"io/fs"
	"time"

	"github.com/imdsscan/imdsscan/workspace/emulator"
)

// tree holds the objects: below Workspace as the paths in the workspace, below
// Volumes and dbfs the files there, below global the global init scripts.
//
//go:embed all:tree
var tree embed.FS

// The people of the example. The caller is its administrator.
const (
	Admin = "admin@example.com"
	Ana   = "ana.silva@example.com"
	Kenji = "kenji.sato@example.com"
)

// New starts the workspace.
func New(opt emulator.Options) *emulator.Server {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	opt.User = Admin
	s := emulator.New(opt)
	fill := filler{s, opt.Now()}
	fill.objects()
	fill.storage()
	fill.compute()
	fill.work()
	return s
}

// filler fills a workspace.
type filler struct {
	*emulator.Server
	now time.Time
}

// ago is a time before now as the API has it.
func (f filler) ago(days float64) int64 {
	return f.now.Add(-time.Duration(days * 24 * float64(time.Hour))).UnixMilli()
}

// must ends the program: the tree is part of it.
func must(err error) {
	if err != nil {
		panic("example: " + err.Error())
	}
}

func (f filler) objects() {
	f.AddRepo("/Repos/"+Ana+"/platform", emulator.Repo{URL: "https://github.com/example/platform.git", Branch: "main", Provider: "gitHub"})
	f.AddRepo("/Users/"+Kenji+"/shared-lib", emulator.Repo{URL: "https://github.com/example/shared-lib.git", Branch: "main", Provider: "gitHub", CLI: true})
	objects, err := fs.Sub(tree, "tree/Workspace")
	must(err)
	must(f.AddTree("/", objects))
	// Names that a file system may not take.
	f.AddNotebook("/Users/"+Ana+"/Q3: plan | draft?", emulator.Notebook{Language: "PYTHON", Undated: true,
		Content: []byte("# Databricks notebook source\n# TBD: 30 % more orders \\ fewer nodes\n")})
	f.AddNotebook("/Users/"+Kenji+"/在庫/メモ. ", emulator.Notebook{Language: "PYTHON", Content: []byte("# Databricks notebook source\n# 後で書く\n")})
	// Kinds that no tool can read.
	f.AddObject("/Shared/Sales overview", "DASHBOARD", []byte("{}"))
	f.AddObject("/Shared/churn-model", "MLFLOW_EXPERIMENT", nil)
	f.AddObject("/Shared/old-connector.jar", "LIBRARY", nil)

	f.SetPermissions("/Shared/platform", emulator.Grant{Group: "platform", Level: "CAN_MANAGE"}, emulator.Grant{Group: "users", Level: "CAN_READ"})
	f.SetPermissions("/Users/"+Ana+"/etl/01_ingest", emulator.Grant{User: Ana, Level: "CAN_MANAGE"}, emulator.Grant{Group: "platform", Level: "CAN_RUN"})
}

func (f filler) storage() {
	volumes, err := fs.Sub(tree, "tree/Volumes")
	must(err)
	must(each(volumes, func(name string, b []byte) { f.AddVolumeFile("/Volumes/"+name, b) }))
	dbfs, err := fs.Sub(tree, "tree/dbfs")
	must(err)
	must(each(dbfs, func(name string, b []byte) { f.AddDBFS("dbfs:/"+name, b) }))
	global, err := fs.Sub(tree, "tree/global")
	must(err)
	must(each(global, func(name string, b []byte) { f.AddGlobalInitScript(name, b, true) }))
}

// each calls fn for the files of a file system, in order.
func each(files fs.FS, fn func(name string, b []byte)) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, name)
		fn(name, b)
		return err
	})
}
