// Shell commands and scripts in strings of every kind.
// needs: curl
import java.io.PrintWriter
import scala.sys.process._

val META = "http://169.254.169.254/latest/meta-data"
println(Seq("bash", "-c", s"curl -sf $META/instance-id || echo none").!!.trim)
println(Seq("/bin/sh", "-c", "A=$(curl -sf " + META + "/ami-id); echo \"ami $A\"").!!.trim)

object dbutils {
  object fs {
    def put(path: String, text: String, overwrite: Boolean): Boolean = {
      val out = new PrintWriter(path.replace("dbfs:/", ""))
      out.print(text)
      out.close()
      true
    }
  }
}

dbutils.fs.put("dbfs:/init.sh", s"""
  |#!/bin/bash
  |REGION=$$(curl -sf $META/placement/region)
  |ZONE=`curl -sf "$META/placement/availability-zone" | tail -c 2`
  |echo "region=$$REGION zone=$$ZONE"
  |""".stripMargin.trim, true)
println(Seq("bash", "init.sh").!!.trim)

val script = """#!/bin/sh
echo "id $(curl -sf http://169.254.169.254/latest/meta-data/instance-id)"
"""
dbutils.fs.put("dbfs:/tools/../install".replace("tools/../", ""), script, true)
println(Seq("sh", "install").!!.trim)

val python = "#!/usr/bin/env python3\nimport urllib.request\nprint(urllib.request.urlopen('%s/instance-type').read().decode())\n".format(META)
dbutils.fs.put("dbfs:/kind.py", python, true)
println(Seq("python3", "kind.py").!!.trim)

val out = new PrintWriter("hostname.sh")
out.write("#!/bin/bash\n" +
  "# the name of this host\n" +
  "curl -s " + META + "/local-hostname\n")
out.close()
println(Seq("bash", "hostname.sh").!!.trim)
