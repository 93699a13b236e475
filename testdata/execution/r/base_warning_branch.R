id <- tryCatch(
  readLines("http://169.254.169.254/latest/meta-data/instance-id", warn = FALSE),
  warning = function(w) "warned"
)
print(id)
quiet <- suppressWarnings(try(readLines("http://169.254.169.254/latest/meta-data/instance-id", warn = FALSE), silent = TRUE))
print(inherits(quiet, "try-error"))
