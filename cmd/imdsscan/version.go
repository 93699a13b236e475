package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// release is the version of a release build, set by the linker.
var release string

func version(_ context.Context, args []string, s streams) int {
	if len(args) > 0 && (args[0] == "-h" || args[0] == "--help") {
		fmt.Fprintln(s.out, "Usage: imdsscan version\n\nPrints the version, the source revision and the Go version it was built with.")
		return exitClean
	}
	if len(args) > 0 {
		return usageError(s, fmt.Errorf("version takes no argument, not %q", args[0]))
	}
	fmt.Fprintf(s.out, "imdsscan %s (%s, %s/%s)\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return exitClean
}

// unreleased is the version of a build that is no release. It starts with a
// number because readers of SARIF compare versions.
const unreleased = "0.0.0-devel"

// versionText is the release, else what the Go tool recorded of the source.
func versionText() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	if ok {
		for _, kv := range info.Settings {
			if kv.Key == "vcs.revision" && len(kv.Value) >= 12 {
				return unreleased + "." + kv.Value[:12]
			}
		}
	}
	return unreleased
}
