# needs: r:httr2
library(httr2)
base <- "http://169.254.169.254/latest/meta-data"
one <- function(item) request(base) |> req_url_path_append(item) |> req_timeout(3) |> req_perform() |> resp_body_string()
print(tryCatch(one("instance-id"), error = function(e) "failed"))
items <- vapply(c("ami-id", "hostname"), function(i) tryCatch(one(i), error = function(e) "failed"), "")
print(items)
x <- tryCatch(resp_body_string(req_perform(req_timeout(request(paste0(base, "/local-ipv4")), 2))), httr2_http_404 = function(e) "missing", error = function(e) "failed")
print(x)
ok <- inherits(try(req_perform(request(base)), silent = TRUE), "httr2_response")
print(ok)
