# syntax=docker/dockerfile:1
# needs: curl requests
# Commands of an image: joined lines, variables, here-documents, Python.
FROM ubuntu:22.04 AS base
ENV META=http://169.254.169.254 BASE=$META/latest/meta-data
RUN echo begin \
    # a comment between the lines: 'curl'

    && curl -s $BASE/instance-id \
    > iid && cat iid && echo
RUN --mount=type=cache,target=/x --network=host \
  curl -sf "${BASE}/ami-id" || echo unknown
RUN ID=$(curl -s http://169.254.169.254/latest/meta-data/ami-id) && \
    echo "it's $ID"
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
RUN curl -sf $BASE/placement/availability-zone | tr a-z A-Z \
  ; echo
RUN python3 -c 'import requests; print(requests.get("http://169.254.169.254/latest/meta-data/instance-type", timeout=2).text)'
RUN <<EOF
AZ=$(curl -sf $BASE/placement/availability-zone)
echo "zone $AZ"
EOF
RUN python3 <<'EOF' && echo done
import requests
print(requests.get("http://169.254.169.254/latest/meta-data/ami-id", timeout=2).text)
EOF
CMD ["sh", "-c", "AZ=$(curl -s \"http://169.254.169.254/latest/meta-data/placement/availability-zone\") && echo \"last $AZ\""]
