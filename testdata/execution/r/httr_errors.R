# needs: r:httr
suppressPackageStartupMessages(library(httr))
u <- "http://169.254.169.254/latest/meta-data/"
region <- tryCatch({
  r <- GET(paste0(u, "placement/region"), timeout(2))
  stop_for_status(r)
  content(r, "text", encoding = "UTF-8")
}, error = function(e) "unknown")
print(region)
r <- try(GET(paste0(u, "instance-id")), silent = TRUE)
cat(if (inherits(r, "try-error")) "down" else if (status_code(r) == 200) "up" else "refused", "\n")
id <- NULL
if (!inherits(r, "try-error") && identical(status_code(r), 200L)) id <- content(r, as = "text", encoding = "UTF-8")
print(id)
missing <- tryCatch(GET(paste0(u, "nothing-here")), error = identity)
print(inherits(missing, "response") && status_code(missing) == 200)
while (TRUE) {
  a <- tryCatch(GET(paste0(u, "spot/instance-action")), error = function(e) NULL)
  if (is.null(a) || status_code(a) != 200) break
  cat("spot\n")
  break
}
