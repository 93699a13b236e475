# needs: r:curl
u <- "http://169.254.169.254/latest/meta-data/"
meta <- function(p) {
  r <- try(curl::curl_fetch_memory(paste0(u, p), handle = curl::new_handle(timeout_ms = 900)), silent = TRUE)
  if (inherits(r, "try-error")) return("down")
  if (r[["status_code"]] >= 400) return("refused")
  rawToChar(r[["content"]])
}
cat(meta("instance-id"), meta("nothing"), "\n")
z <- tryCatch(readLines(curl::curl(paste0(u, "ami-id"), "r"), warn = FALSE), error = function(e) "failed")
print(z)
h <- curl::new_handle()
curl::handle_setopt(h, connecttimeout = 2)
curl::handle_setheaders(h, "Accept" = "text/plain", "X-One" = "1")
r <- tryCatch(curl::curl_fetch_disk(paste0(u, "hostname"), "host.txt", handle = h), error = function(e) NULL)
print(!is.null(r) && r$status_code == 200)
