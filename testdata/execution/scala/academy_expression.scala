// The same where the call is an expression of its own, and for a stream.
// elsewhere: yes
import java.io.FileNotFoundException
import java.net.URL
import scala.io.Source

object Cloud {
  lazy val document: Option[String] =
    try Some(Source.fromURL("http://169.254.169.254/latest/dynamic/instance-identity/document").mkString)
    catch { case _: FileNotFoundException => None }
}
println(Cloud.document.map(_.contains("region")))

def zone: String = try {
  val in = new URL("http://169.254.169.254/latest/meta-data/placement/availability-zone").openStream()
  try Source.fromInputStream(in).mkString finally in.close()
} catch {
  case e: FileNotFoundException => "none"
}
println(zone)
