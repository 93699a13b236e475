# needs: r:httr
# timeout: yes
library(httr)
base <- "http://169.254.169.254/latest/meta-data/"
r <- GET(paste0(base, "instance-id"), timeout(2))
stop_for_status(r)
print(content(r, "text", encoding = "UTF-8"))
print(httr::content(httr::GET(url = sprintf("%s%s", base, "ami-id")), as = "text", encoding = "UTF-8"))
az <- GET(paste0(base, "placement/availability-zone"), add_headers(Accept = "text/plain"), user_agent("r-test"))
if (http_error(az)) stop("no zone")
cat(content(az, "text", encoding = "UTF-8"), "\n")
