// Connections: as a stream, in a chain, in a variable.
// timeout: yes
import java.net.{HttpURLConnection, URL}
import scala.io.Source
import scala.util.Try

val meta = "http://169.254.169.254/latest/meta-data/"

def slurp(in: java.io.InputStream) = try Source.fromInputStream(in).mkString finally in.close()

println(slurp(new URL(meta + "instance-id").openStream()))
println(slurp(new URL(meta + "ami-id").openConnection().getInputStream()))

def read(key: String): String = {
  val connection = new URL(meta + key).openConnection().asInstanceOf[HttpURLConnection]
  connection.setRequestMethod("GET")
  connection.setConnectTimeout(2000)
  connection.setReadTimeout(2000)
  connection.connect()
  val in = connection.getInputStream
  val text = Source.fromInputStream(in).mkString
  connection.disconnect()
  text
}
println(read("placement/region"))

def probe(key: String): Boolean = {
  val url = new URL(meta + key)
  val conn = url.openConnection()
  conn.setConnectTimeout(500)
  Try(conn.getInputStream.read() > 0).getOrElse(false)
}
println(probe("instance-type"))

val lines = {
  val url: URL = new URL(meta + "placement/")
  url.openStream
}
println(Source.fromInputStream(lines).getLines.toList.sorted)
