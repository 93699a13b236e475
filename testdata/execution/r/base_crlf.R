# 地域を調べる
base <- 'http://169.254.169.254/latest/meta-data/'
if (TRUE) {
	zone <- readLines(paste0(base, 'placement/availability-zone'), warn = FALSE)	# ゾーン
	cat('ゾーン:', zone, '\n')
}
cat(readLines(file.path("http://169.254.169.254", "latest", "dynamic", "instance-identity", "document"), warn = FALSE)[1], "\n")
