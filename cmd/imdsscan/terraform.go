package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"

	"github.com/imdsscan/imdsscan/workspace/setting"
)

// terraformLine is what everybody has to know who changes the setting by hand.
// The workspace does not tell whether Terraform manages it; the folder in which
// the command runs may.
func terraformLine() string {
	if file := terraformHere(); file != "" {
		return file + " in this folder sets it (databricks_workspace_conf): change it there too, or the next apply overwrites this"
	}
	return "if it manages the setting (databricks_workspace_conf), change it there too: its next apply overwrites this"
}

// The files that are looked at: few, and their beginnings.
const (
	maxTerraformFiles = 500
	maxTerraformBytes = 1 << 20
)

// terraformHere is a Terraform file in the current folder, or one below, that
// sets the setting; empty if there is none.
func terraformHere() string {
	var files []string
	for _, pattern := range []string{"*.tf", "*.tf.json", "*/*.tf", "*/*.tf.json"} {
		found, _ := filepath.Glob(pattern) // the patterns are well formed
		files = append(files, found...)
	}
	for _, name := range files[:min(len(files), maxTerraformFiles)] {
		if setsEnforcement(name) {
			return name
		}
	}
	return ""
}

func setsEnforcement(name string) bool {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTerraformBytes))
	return err == nil && bytes.Contains(text, []byte("databricks_workspace_conf")) && bytes.Contains(text, []byte(setting.EnforceIMDSv2))
}
