# needs: r:httr r:magrittr
library(httr)
library(magrittr)
u <- "http://169.254.169.254/latest/meta-data/instance-id"
show <- function(r) cat(if (status_code(r) == 200) content(r, "text", encoding = "UTF-8") else "refused", "\n")
u %>% GET %>% show
u %>% GET(timeout(2), .) %>% show()
z <- tryCatch(u %>% GET %>% status_code, error = function(e) 0)
print(z == 200)
items <- c("ami-id", "hostname") %>% lapply(function(i) paste0("http://169.254.169.254/latest/meta-data/", i) %>% GET())
print(vapply(items, function(r) r$status_code == 200, TRUE))
