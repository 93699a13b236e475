#!/bin/bash
# needs: curl
CURL=$(command -v curl)
"$CURL" -sf http://169.254.169.254/latest/meta-data/instance-id; echo
if command -v curl >/dev/null; then dl() { curl -fsSL "$1"; }; else dl() { wget -qO- "$1"; }; fi
dl http://169.254.169.254/latest/meta-data/mac 2>/dev/null; echo
