# needs: curl
id <- system2("curl", c("-sf", "http://169.254.169.254/latest/meta-data/instance-id"), stdout = TRUE)
print(id[1])
print(attr(id, "status"))
u <- "http://169.254.169.254/latest/meta-data/ami-id"
print(suppressWarnings(system2("curl", args = c("-sf", "-m", "3", u), stdout = TRUE, stderr = FALSE))[1])
status <- system2("curl", c("-sf", "-o", "/dev/null", u))
print(status == 0)
