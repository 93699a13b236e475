library(httr)

metadata <- "http://169.254.169.254/latest/meta-data"

instance_type <- function() {
  tryCatch(
    content(GET(paste0(metadata, "/instance-type"), timeout(2)), "text", encoding = "UTF-8"),
    error = function(e) "unknown"
  )
}

cat("model drift on", instance_type(), "\n")
