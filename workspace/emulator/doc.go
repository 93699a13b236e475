// Package emulator is a Databricks workspace on AWS that exists only in this
// process: a server on 127.0.0.1 that speaks the part of the REST API which
// imdsscan uses. Tests run against it, and so does imdsscan demo.
//
// It keeps objects as the service does: notebooks in a stored format (SOURCE
// or JUPYTER) with a language of their own, workspace files, folders, Git
// folders, ids, permissions; clusters, jobs, policies, pipelines, pools, init
// scripts, volumes, DBFS and the settings of the workspace. Conversions between
// notebook formats are real. Objects of any number can be made on demand
// ([Server.Generate]). What goes wrong comes on demand, too: see [Fault],
// [Options], [RateLimit], [Server.Edit], [Server.Deny], [Server.Normalise],
// [Server.Recreate], [Server.DelayConf], [Server.FailStart].
//
// It is strict. What the service refuses it refuses, with the same error code:
//
//   - no token, a wrong one, one that ran out; a caller who is no administrator
//     where one is asked for; what [Server.Deny] says
//   - paths that are not absolute, do not exist, or are protected (/Users)
//   - imports over an object without overwrite, over an object of another kind,
//     into a folder that is not there, of DBC with overwrite, of SOURCE without
//     a language (taken for an archive), of content that is not in its format,
//     over 10 MiB; exports over 10 MiB, of libraries and experiments, of folders
//     in other formats than archives
//   - names in another case (formats, languages), page sizes out of bounds,
//     page tokens of another list
//   - reads of DBFS over 1 MiB, global init scripts over 64 KiB
//   - settings that do not exist, and values that they do not take
//   - changes to clusters of jobs, to clusters between states, to runtimes that
//     the workspace does not offer; another type of instances for a pool
//   - more calls than [RateLimit] allows
//
// And it refuses more: parameters and fields that an API does not have, which
// the service passes over, so that a misspelt one fails a test. It never
// answers for an API that it does not have.
//
// Each behaviour has its evidence beside it in the code:
//
//	[sdk]   databricks-sdk-go v0.175.0, its sources and API descriptions
//	[doc]   docs.databricks.com/api
//	[cli]   sources and tests of github.com/databricks/cli
//	[tf]    sources of github.com/databricks/terraform-provider-databricks
//	[issue] an answer quoted in a public issue
//	[?]     not known; the stricter of what is likely
package emulator
