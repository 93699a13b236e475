// java.net.http of Java 11 in Scala.
// timeout: yes
import java.net.URI
import java.net.http.{HttpClient, HttpRequest, HttpResponse}
import java.time.Duration
import scala.util.Try

val meta = "http://169.254.169.254/latest/meta-data/"
val client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()

def get(key: String): String = {
  val request = HttpRequest.newBuilder()
    .uri(URI.create(s"$meta$key"))
    .timeout(Duration.ofSeconds(2))
    .header("Accept", "text/plain")
    .build()
  val response = client.send(request, HttpResponse.BodyHandlers.ofString())
  if (response.statusCode == 200) response.body else "status " + response.statusCode / 100
}
println(Try(get("instance-id")).getOrElse("unreachable"))
println(Try(get("nothing/here")).getOrElse("unreachable").startsWith("status 2"))
println(Try(client.send(HttpRequest.newBuilder(URI.create(meta + "ami-id")).timeout(Duration.ofSeconds(2)).build(), HttpResponse.BodyHandlers.ofByteArray()).body.length > 3).getOrElse(false))

val region = HttpRequest.newBuilder(URI.create(meta + "placement/region")).timeout(Duration.ofSeconds(2)).GET().build()
val answer = client.send(region, HttpResponse.BodyHandlers.ofString())
if (answer.statusCode != 200) sys.error("no region")
println(answer.body)
