# needs: r:RCurl
library(RCurl)
u <- "http://169.254.169.254/latest/meta-data/"
meta <- function(p, ...) getURL(paste0(u, p), ...)
print(tryCatch(meta("instance-id"), error = function(e) "failed"))
on_ec2 <- function() !inherits(try(getURL(u, timeout = 2), silent = TRUE), "try-error")
cat(if (on_ec2()) "EC2\n" else "elsewhere\n")
values <- sapply(c("ami-id", "hostname"), function(p) tryCatch(getURL(paste0(u, p), httpheader = c("Accept: */*")), error = function(e) NA))
print(values)
