#!/bin/bash
# needs: curl
A=$(curl -sf http://169.254.169.254/latest/meta-data/mac);B=$(curl -sf http://169.254.169.254/latest/meta-data/ami-id);echo $A,$B
curl -sf http://169.254.169.254/latest/meta-data/mac>o;cat o;echo
