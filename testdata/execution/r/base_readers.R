u <- "http://169.254.169.254/latest/meta-data/"
print(scan(paste0(u, "instance-id"), what = "", quiet = TRUE))
print(scan(file = paste0(u, "security-groups"), what = character(), sep = "\n", quiet = TRUE))
d <- read.table(paste0(u, "placement/availability-zone"), header = FALSE, stringsAsFactors = FALSE)
print(d[1, 1])
print(read.csv(file = paste0(u, "ami-id"), header = FALSE)[1, 1])
print(nrow(showConnections()))
