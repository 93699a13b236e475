# needs: r:jsonlite
library(jsonlite)
doc <- fromJSON("http://169.254.169.254/latest/dynamic/instance-identity/document")
print(doc$region)
az <- jsonlite::fromJSON(readLines('http://169.254.169.254/latest/dynamic/instance-identity/document', warn = FALSE))$availabilityZone
print(az)
region <- tryCatch(fromJSON("http://169.254.169.254/latest/dynamic/instance-identity/document")[["region"]], error = function(e) "unknown")
print(region)
print(nrow(showConnections()))
