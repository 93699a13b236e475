# needs: curl
# expect: unfixed the closing parenthesis of the guard cannot be pasted without a blank
print(system(paste("curl", "-sf", paste0("http://169.254.169.254/latest/meta-data/", "ami-id")), intern = TRUE))
