fetch <- function(path) {
  tryCatch({
    readLines(paste0("http://169.254.169.254/latest/meta-data/", path), warn = FALSE)
  }, error = function(e) "not on EC2")
}
print(fetch("instance-id"))
print(fetch("no-such-item"))
one <- tryCatch(readLines("http://169.254.169.254/latest/meta-data/ami-id", warn = FALSE), error = function(e) NA, finally = cat("done\n"))
print(one)
