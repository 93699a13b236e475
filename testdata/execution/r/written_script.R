# needs: curl
to <- "agent.sh"
writeLines(c(
  "#!/bin/bash",
  "ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo unknown)",
  "echo \"id: $ID\""
), to)
system("bash agent.sh")
script <- r"(#!/bin/sh
ZONE=$(curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone)
echo "zone: ${ZONE:-none}"
)"
cat(script, file = "zone.sh")
invisible(system2("sh", "zone.sh"))
