# needs: hosts
print(readLines("http://instance-data/latest/meta-data/instance-id", warn = FALSE))
print(readLines(url("http://169.254.169.254:80/latest/meta-data/ami-id"), warn = FALSE))
print(readLines("http://instance-data.ec2.internal/2009-04-04/meta-data/local-ipv4", warn = FALSE))
