// Source.fromURL with addresses put together in several ways.
// timeout: yes
import scala.io.Source

object Endpoints {
  val host = "http://169.254.169.254"
  val meta = host + "/latest/meta-data"
}

val region = Source.fromURL(Endpoints.meta + "/placement/region").mkString
println(s"region $region")

// one moment, one token
val id = scala.io.Source.fromURL(s"${Endpoints.meta}/instance-id", "UTF-8").mkString.trim
val zone = Source.fromURL("%s/placement/%s".format(Endpoints.meta, "availability-zone"))("ISO-8859-1").getLines.toList
println(id + " " + zone.mkString(","))

def keys(path: String): Array[String] = {
  val source = Source.fromURL(new java.net.URL(s"http://169.254.169.254/latest/meta-data/$path"))
  try source.mkString.split("\n") finally source.close()
}
println(keys("placement/").sorted.mkString(" "))

Thread.sleep(10)
val kind = Source.fromURL("""http://169.254.169.254/latest/meta-data/instance-type""").mkString
println(kind)
