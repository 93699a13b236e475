# needs: r:RCurl
# timeout: yes
library(RCurl)
id <- getURL("http://169.254.169.254/latest/meta-data/instance-id")
print(id)
print(RCurl::getURL(paste0("http://169.254.169.254/latest/meta-data/", "ami-id"), httpheader = c(Accept = "text/plain"), timeout = 3))
print(getURI("http://169.254.169.254/latest/meta-data/hostname", .opts = list(timeout = 4, useragent = "x")))
print(rawToChar(getBinaryURL("http://169.254.169.254/latest/meta-data/local-ipv4", httpheader = "Accept: text/plain")))
h <- c(Accept = "text/plain")
print(tryCatch(getURLContent("http://169.254.169.254/latest/meta-data/instance-type", httpheader = h)[1], error = function(e) "none"))
