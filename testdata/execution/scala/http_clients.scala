// Apache HttpClient 4, its fluent form and OkHttp 3 in Scala.
// needs: httpclient.jar httpcore.jar fluent-hc.jar commons-logging.jar commons-codec.jar okhttp.jar okio.jar
import okhttp3.{OkHttpClient, Request => OkRequest}
import org.apache.http.client.fluent.Request
import org.apache.http.client.methods.HttpGet
import org.apache.http.impl.client.HttpClients
import org.apache.http.util.EntityUtils
import scala.util.Try

val meta = "http://169.254.169.254/latest/meta-data/"

println(Try(Request.Get(meta + "instance-id").execute().returnContent().asString()).getOrElse("none"))

val client = HttpClients.createDefault()
def status(key: String): String = {
  val get = new HttpGet(s"$meta$key")
  get.setHeader("Accept", "text/plain")
  val response = client.execute(get)
  try {
    val code = response.getStatusLine.getStatusCode
    if (code == 200) EntityUtils.toString(response.getEntity) else s"status ${code / 100}"
  } finally response.close()
}
println(Try(status("ami-id")).getOrElse("unreachable"))
println(Try(EntityUtils.toString(client.execute(new HttpGet(meta + "placement/region")).getEntity).length > 3).getOrElse(false))

val ok = new OkHttpClient()
def get(key: String): String = {
  val request = new OkRequest.Builder().url(meta + key).build()
  val response = ok.newCall(request).execute()
  if (response.isSuccessful) response.body.string else "status " + response.code / 100
}
println(Try(get("instance-type")).getOrElse("unreachable"))
println(Try(get("nothing/here")).getOrElse("unreachable").startsWith("status 2"))
sys.exit(0)
