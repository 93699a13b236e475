# needs: r:curl
u <- "http://169.254.169.254/latest/meta-data/"
print(tryCatch(readLines(curl::curl(paste0(u, "ami-id")), warn = FALSE), error = function(e) "failed"))
to <- tempfile()
curl::curl_download(paste0(u, "local-ipv4"), to)
print(readLines(to, warn = FALSE))
con <- curl::curl(paste0(u, "instance-type"), "r")
print(readLines(con, warn = FALSE))
close(con)
