# needs: curl
base <- 'http://169.254.169.254/latest/meta-data/'
get <- function(item) {
  cmd <- paste0("curl -sf -m 2 ", base, item, " || echo none")
  system(cmd, intern = TRUE)
}
print(get("instance-id"))
print(get("placement/availability-zone"))
id <- tryCatch(system(r"(curl -sf 'http://169.254.169.254/latest/meta-data/ami-id' | tr a-z A-Z)", intern = TRUE), error = function(e) "x")
print(id)
status <- system("curl -sf -o /dev/null http://169.254.169.254/latest/meta-data/", ignore.stdout = TRUE, ignore.stderr = TRUE)
print(status == 0)
args <- c("-s", "-f", paste0(base, "hostname"))
out <- suppressWarnings(system2("curl", args, stdout = TRUE, stderr = FALSE))
print(length(out))
