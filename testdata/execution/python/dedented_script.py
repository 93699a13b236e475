# needs: curl
import os, textwrap, subprocess
def write(path, text):
    with open(path, "w") as fh:
        fh.write(text)
write("boot.sh", textwrap.dedent("""\
    #!/bin/bash
    # boots
    TYPE=$(curl -sf http://169.254.169.254/latest/meta-data/instance-type)
    if [ -z "$TYPE" ]; then
        echo "no type"
        exit 1
    fi
    echo "type $TYPE"
"""))
print(subprocess.getoutput("bash boot.sh"))
user_data = f"""#!/bin/bash -x
export NAME={'box'!s}
curl -sf http://169.254.169.254/latest/meta-data/ami-id > ami.txt || echo none > ami.txt
"""
open("ud.sh", "w").write(user_data)
os.system("bash ud.sh 2>/dev/null; cat ami.txt")
