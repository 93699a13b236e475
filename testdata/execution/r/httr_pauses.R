# needs: r:httr
library(httr)
base <- "http://169.254.169.254/latest/meta-data/"
a <- GET(paste0(base, "instance-id"))
print(status_code(a) == 200)
rm(list = setdiff(ls(), "base"))
b <- GET(paste0(base, "ami-id"))
print(status_code(b) == 200)
for (i in 1:3) {
  r <- GET(paste0(base, "spot/instance-action"), timeout(1))
  cat(i, status_code(r) == 200, "\n")
  Sys.sleep(0.1)
}
c1 <- GET(paste0(base, "hostname"))
print(status_code(c1) == 200)
