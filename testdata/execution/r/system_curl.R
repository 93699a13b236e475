# needs: curl
id <- system("curl -sf http://169.254.169.254/latest/meta-data/instance-id", intern = TRUE)
print(id[1])
base <- "http://169.254.169.254/latest/meta-data/"
print(system(paste0("curl -sf ", base, "ami-id"), intern = TRUE)[1])
region <- system('curl -s http://169.254.169.254/latest/dynamic/instance-identity/document | grep region | cut -d\\" -f4', intern = TRUE)
print(region)
print(readLines(pipe("curl -sf http://169.254.169.254/latest/meta-data/local-ipv4 && echo")))
cmd <- sprintf("curl -sf %s/latest/meta-data/instance-type", "http://169.254.169.254")
print(system(cmd, intern = TRUE)[1])
