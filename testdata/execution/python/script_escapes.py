# needs: curl
import subprocess
s = "#!/bin/bash\n" \
    "echo \"$(curl -sf http://169.254.169.254/latest/meta-data/mac)\"\n" \
    'echo done\n'
open("s.sh", "w").write(s)
print(subprocess.run(["bash", "s.sh"], stdout=subprocess.PIPE).stdout.decode())
