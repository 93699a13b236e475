u <- "http://169.254.169.254/latest/meta-data/"
meta <- function(p) readLines(paste0(u, p), warn = FALSE)
cat(sapply(c("instance-id", "ami-id"), meta), "\n")
x <- if (nchar(u) > 0) readLines(paste0(u, "hostname"), warn = FALSE) else NA
print(x)
ok <- TRUE && length(readLines(paste0(u, "local-ipv4"), warn = FALSE)) == 1
print(ok)
y <- tryCatch(scan(paste0(u, "instance-type"), "", quiet = TRUE), error = function(e) "none"); print(y)
z <- tryCatch(utils::read.csv(paste0(u, "ami-id"), header = FALSE)[[1]], error = function(e) "none")
print(z)
f <- function(v = readLines(paste0(u, "instance-id"), warn = FALSE)) v
print(f())
w <- readLines(paste0(u, "placement/availability-zone"), warn = FALSE) |> toupper()
print(w)
print(nrow(showConnections()))
