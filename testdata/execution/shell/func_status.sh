#!/bin/bash
# needs: curl
set -u
fetch() {
  local out
  if ! out=$(curl -sf -m 2 "http://169.254.169.254/latest/meta-data/$1"); then
    return 7
  fi
  printf '%s' "$out"
}
a=$(fetch mac) || a="rc"
echo "$a"
