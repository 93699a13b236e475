#!/bin/bash
# needs: curl
case "$(curl -s http://169.254.169.254/latest/meta-data/instance-type)" in
  m5.*) echo general ;;
  *) echo other ;;
esac
