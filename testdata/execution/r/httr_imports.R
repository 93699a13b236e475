# needs: r:httr
fetch <- httr::GET
PUT <- function(...) stop("a PUT of one's own")
u <- "http://169.254.169.254/latest/meta-data/instance-id"
r <- fetch(u, httr::timeout(2))
print(httr::status_code(r) == 200)
if (requireNamespace("httr", quietly = TRUE)) {
  imds_token <- "taken"
  r <- httr::GET(u, httr::add_headers(c(Accept = "text/plain")), httr::accept("text/plain"))
  print(httr::http_error(r))
  print(imds_token)
}
