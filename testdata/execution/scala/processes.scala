// Commands of scala.sys.process. There is no shell: a text is cut at its blanks.
// needs: curl wget
import scala.sys.process._
import scala.util.Try

val META = "http://169.254.169.254/latest/meta-data"

val id = "curl -s http://169.254.169.254/latest/meta-data/instance-id".!!.trim
println(id)
val zone = s"curl -s -f --max-time 2 $META/placement/availability-zone".!!
println(zone)
val ami = Seq("curl", "-sf", META + "/ami-id").!!
println(ami)
val kind = ("wget -qO- " + META + "/instance-type" !!)
println(kind.trim)

def read(key: String): String = Try(Seq("curl", "-sf", s"$META/$key").!!.trim).getOrElse("unknown")
println(read("placement/region") + " " + read("nothing/here"))

val process = Process("curl -sf http://169.254.169.254/latest/meta-data/local-ipv4").!!
println(process)
