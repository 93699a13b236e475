# needs: r:RCurl r:jsonlite
doc <- jsonlite::fromJSON(RCurl::getURL("http://169.254.169.254/latest/dynamic/instance-identity/document"))
cat(doc$region, doc[["instanceId"]], "\n")
role <- RCurl::getURL("http://169.254.169.254/latest/meta-data/iam/security-credentials/")
creds <- jsonlite::fromJSON(RCurl::getURL(paste0("http://169.254.169.254/latest/meta-data/iam/security-credentials/", role)))
print(creds$Code)
