BASE <- 'http://169.254.169.254/latest/meta-data'
meta <- function(item, base = BASE) readLines(file.path(base, item), warn = FALSE)
for (item in c("instance-id", "ami-id")) {
  cat(item, meta(item), "\n")
}
values <- sapply(c("local-ipv4", "instance-type"), meta)
print(values)
on_ec2 <- function() {
  ok <- FALSE
  try({
    x <- suppressWarnings(readLines(paste(BASE, "instance-id", sep = "/"), warn = FALSE))
    ok <- nchar(x[1]) > 0
  }, silent = TRUE)
  ok
}
if (on_ec2()) cat("on EC2\n") else cat("elsewhere\n")
