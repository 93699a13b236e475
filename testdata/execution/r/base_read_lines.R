# timeout: yes
base <- "http://169.254.169.254/latest/meta-data/"
id <- readLines(paste0(base, "instance-id"), warn = FALSE)
cat("instance", id, "\n")
region <- substr(readLines("http://169.254.169.254/latest/meta-data/placement/availability-zone", n = 1, warn = FALSE), 1, 9)
cat("region", region, "\n")
print(showConnections())
