#!/bin/bash
# needs: Rscript
Rscript --vanilla -e 'cat(readLines("http://169.254.169.254/latest/meta-data/instance-id", warn = FALSE), "\n")'
Rscript --vanilla - <<'EOF'
u <- "http://169.254.169.254/latest/meta-data/"
cat(readLines(paste0(u, "ami-id"), warn = FALSE), "\n")
EOF
