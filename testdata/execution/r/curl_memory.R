# needs: r:curl
# timeout: yes
library(curl)
u <- "http://169.254.169.254/latest/meta-data/"
r <- curl_fetch_memory(paste0(u, "instance-id"))
print(r$status_code == 200)
if (r$status_code == 200) print(rawToChar(r$content))
h <- new_handle(timeout = 3)
handle_setheaders(h, Accept = "text/plain")
r <- curl_fetch_memory(paste0(u, "ami-id"), handle = h)
if (r$status_code == 200) print(rawToChar(r$content)) else cat("none\n")
r <- curl::curl_fetch_memory(paste0(u, "hostname"), curl::new_handle(useragent = "x"))
if (r$status_code < 400) print(rawToChar(r$content))
