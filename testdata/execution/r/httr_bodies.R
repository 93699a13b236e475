# needs: r:httr
library(httr)
to <- "id.txt"
r <- GET("http://169.254.169.254/latest/meta-data/instance-id", write_disk(to, overwrite = TRUE), timeout(3))
print(status_code(r) == 200)
meta <- list(base = "http://169.254.169.254/latest/meta-data")
meta$get <- function(item) {
  resp <- GET(
    # the item
    paste(meta$base, item, sep = "/"),
    timeout(2) # short
  )
  if (status_code(resp) != 200) {
    NA
  } else {
    content(resp, "text", encoding = "UTF-8")
  }
}
print(meta$get("ami-id"))
print(meta$get("hostname"))
