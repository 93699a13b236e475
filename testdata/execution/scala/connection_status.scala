// Code that looks at the status of the answer.
// timeout: yes
import java.net.{HttpURLConnection, URL}
import scala.io.Source

def get(path: String): String = {
  val connection = new URL("http://169.254.169.254/latest/" + path).openConnection().asInstanceOf[HttpURLConnection]
  connection.setRequestMethod("GET")
  connection.setConnectTimeout(1000)
  connection.setReadTimeout(1000)
  val status = connection.getResponseCode
  if (status == 200) Source.fromInputStream(connection.getInputStream).mkString
  else s"status ${status / 100}"
}
println(get("meta-data/instance-id"))
println(get("meta-data/nothing").take(6))

val http = new URL("http://169.254.169.254/latest/meta-data/placement/region").openConnection.asInstanceOf[HttpURLConnection]
if (http.getResponseCode >= 400) {
  println("no region")
} else {
  println(http.getHeaderField("Content-Type") + " " + Source.fromInputStream(http.getInputStream, "UTF-8").mkString)
}
