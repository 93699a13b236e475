// Ways to run a command that tell how it ended, or nothing at all.
// needs: curl jq
import scala.sys.process._

val doc = "http://169.254.169.254/latest/dynamic/instance-identity/document"

val code = s"curl -sf $doc -o document".!
println(if (code == 0) "saved" else "not saved")

val quiet = ProcessLogger(_ => ())
println(Seq("curl", "-sf", doc).!(quiet) == 0)
if (List("curl", "-sf", "-o", "/dev/null", doc).! == 0) println("on EC2") else println("elsewhere")

val region = (Seq("curl", "-sf", doc) #| Seq("jq", "-r", ".region")).lineStream_!.mkString
println(region)
println(s"curl -sf $doc".lineStream_!.length > 1)

val status = Process(Seq("curl", "-sf", "-o", "copy", doc)).run().exitValue()
println(status == 0)
val words = ("curl -sf http://169.254.169.254/latest/meta-data/instance-id" #> new java.io.File("id")).!
println(words == 0)
