u <- "http://169.254.169.254/latest/meta-data/instance-id"
result <- withCallingHandlers(
  tryCatch(readLines(u, warn = FALSE), error = function(e) "error"),
  warning = function(w) { cat("a warning came first\n"); invokeRestart("muffleWarning") }
)
print(result)
fetch <- function() {
  on.exit(cat("left\n"))
  to <- tempfile()
  status <- try(suppressWarnings(download.file(u, to, quiet = TRUE)), silent = TRUE)
  if (inherits(status, "try-error")) return("failed")
  readLines(to, warn = FALSE)
}
print(fetch())
for (i in 1:2) {
  id <- try(suppressWarnings(readLines(u, warn = FALSE)), silent = TRUE)
  if (!inherits(id, "try-error")) break
}
cat(class(id), "\n")
options(warn = 2)
print(tryCatch(readLines(u, warn = FALSE), error = function(e) "stopped"))
