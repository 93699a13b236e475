package preflight

import (
	"errors"
	"fmt"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// settings judges the two switches.
func (j *judge) settings() {
	item := func(key, level string, check result.Check, why, remedy string) {
		j.add(result.Obstacle{Level: level, Check: check, Kind: "setting", Object: key, ID: key, Why: why, Remedy: remedy})
	}
	switch {
	case j.EnforceErr != nil:
		j.unread("setting "+setting.EnforceIMDSv2, workspace.Reason(j.EnforceErr))
		why := "whether enforcement is on is not known: " + workspace.Reason(j.EnforceErr)
		if errors.Is(j.EnforceErr, setting.ErrNotAdmin) {
			why += "; and the service's lists hold only what " + j.User + " may see, so that clusters, jobs and folders of others may be missing here without a word"
		}
		item(setting.EnforceIMDSv2, result.Warn, result.CheckSetting, why, asAdmin(j.EnforceErr))
	case j.Enforce.Value == setting.Unknown && j.Enforce.Raw == "":
		item(setting.EnforceIMDSv2, result.NoteToRead, result.CheckSetting,
			"it was never set: a workspace created after 2022-10-01 enforces IMDSv2 by default, an older one does not",
			"imdsscan enforce on sets it in words; until then imdsscan monitor tells: where instances require tokens, or calls are refused, it is on already")
	case j.Enforce.Value == setting.Unknown:
		item(setting.EnforceIMDSv2, result.Warn, result.CheckSetting, fmt.Sprintf("its value is %.40q, which is neither true nor false", j.Enforce.Raw),
			"look in the admin settings under Compute, Enforce AWS instance metadata service v2; imdsscan enforce on sets it")
	}
	switch {
	case j.ExportErr != nil:
		item(setting.ExportNotebook, result.NoteToRead, result.CheckExport, "whether notebooks may be exported is not known: "+workspace.Reason(j.ExportErr),
			"nothing, while all notebooks could be read")
	case j.Export.Value == setting.Off:
		level, why := result.NoteToRead, "notebooks may not be exported by their users; the scan could read them all the same"
		remedy := "nothing, while no notebook is reported as not read"
		if n := len(j.Code.Errors); n > 0 {
			level, why = result.Warn, fmt.Sprintf("notebooks may not be exported, which can be why %s: what is in them is not known", report.Plural(n, "object could not be read", "objects could not be read"))
			remedy = `allow it while you migrate: databricks workspace-conf set-status --json '{"enableExportNotebook": "true"}'; run preflight again; set it back to "false" after`
		}
		item(setting.ExportNotebook, level, result.CheckExport, why, remedy)
	}
}

func asAdmin(err error) string {
	if errors.Is(err, setting.ErrNotAdmin) || errors.Is(err, workspace.ErrPermission) {
		return "run preflight as an administrator of the workspace"
	}
	return "run preflight again; if it stays, look at it in the browser"
}

// unread notes what could not be read.
func (j *judge) unread(object, reason string) {
	j.out.Unread = append(j.out.Unread, result.FileError{Path: object, Reason: reason})
}
