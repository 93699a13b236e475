# needs: r:httr2
req <- httr2::request("http://169.254.169.254/latest/meta-data/instance-id")
req <- httr2::req_timeout(req, 4)
resp <- httr2::req_perform(req)
print(httr2::resp_body_string(resp))
zone <- tryCatch(
  httr2::resp_body_string(httr2::req_perform(httr2::request("http://169.254.169.254/latest/meta-data/placement/availability-zone"))),
  httr2_http = function(e) "refused", error = function(e) "down"
)
print(zone == "refused" || zone == "down" || nchar(zone) == 10)
