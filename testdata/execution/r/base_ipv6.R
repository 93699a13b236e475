# needs: ipv6
# expect: unfixed base R has no sockets for IPv6
print(readLines("http://[fd00:ec2::254]/latest/meta-data/instance-id", warn = FALSE))
