# needs: r:httr
library(httr)
"http://169.254.169.254/latest/meta-data/instance-id" |> GET(timeout(3)) |> stop_for_status() |> content("text", encoding = "UTF-8") |> print()
get_meta <- function(item, ...) {
  url <- modify_url("http://169.254.169.254", path = paste0("latest/meta-data/", item))
  resp <- GET(url, ...)
  if (status_code(resp) == 200) content(resp, "text", encoding = "UTF-8") else NA_character_
}
print(get_meta("ami-id", timeout(2)))
print(unlist(lapply(list("local-ipv4", "instance-type"), get_meta)))
if (!http_error(GET("http://169.254.169.254/latest/meta-data/"))) cat("on EC2\n") else cat("no\n")
