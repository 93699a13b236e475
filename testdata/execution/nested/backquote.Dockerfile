# escape=`
# needs: curl
FROM ubuntu:22.04
RUN echo one && `
    curl -s http://169.254.169.254/latest/meta-data/instance-id && `
    echo
CMD echo "$(curl -s http://169.254.169.254/latest/meta-data/ami-id)"
