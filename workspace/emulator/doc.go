// Package emulator is a Databricks workspace on AWS that exists only in this
// process: a server on 127.0.0.1 that speaks the part of the REST API which
// imdsscan uses. Tests run against it, and so does imdsscan demo.
//
// It keeps objects as the service does: notebooks in a stored format (SOURCE
// or JUPYTER) with a language of their own, workspace files, folders, Git
// folders, ids, permissions; clusters, jobs, policies, pipelines, pools, init
// scripts, volumes, DBFS and the settings of the workspace. Conversions between
// notebook formats are real. Faults, latency, limits of rate and size, edits by
// other users and missing permissions come on demand; see [Fault], [Options],
// [Server.Edit], [Server.Deny].
//
// It is strict. What the service refuses it refuses, with the same error code,
// and it refuses more: unknown parameters and fields, which the service passes
// over, so that a misspelt one fails a test. It never answers for an API that
// it does not have.
//
// Each behaviour has its evidence beside it in the code:
//
//	[sdk]   databricks-sdk-go v0.175.0, its sources and API descriptions
//	[doc]   docs.databricks.com/api
//	[cli]   sources and tests of github.com/databricks/cli
//	[tf]    sources of github.com/databricks/terraform-provider-databricks
//	[issue] an error message quoted in a public issue
//	[?]     not known; the stricter of what is likely
package emulator
