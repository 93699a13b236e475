# needs: r:httr2
# timeout: yes
library(httr2)
id <- request("http://169.254.169.254/latest/meta-data/instance-id") |>
  req_timeout(3) |>
  req_perform() |>
  resp_body_string()
print(id)
req <- request("http://169.254.169.254") |> req_url_path_append("latest", "meta-data")
one <- function(item) {
  req |> req_url_path_append(item) |> req_headers(Accept = "text/plain") |> req_perform() |> resp_body_string()
}
print(one("ami-id"))
print(tryCatch(one("no-such"), error = function(e) "failed"))
