#!/bin/bash
# needs: curl
f() {
	cat > t.sh <<-EOS
	#!/bin/sh
	curl -sf http://169.254.169.254/latest/meta-data/ami-id || echo none
	EOS
	sh t.sh
}
f; echo
