// Places where the code around decides whether, when and how often the call runs.
import scala.io.Source
import scala.util.{Failure, Success, Try}

val base = "http://169.254.169.254/latest/meta-data/"
var asked = 0

def meta(key: String): String = Try(Source.fromURL(base + key).mkString).getOrElse("unknown")
println(meta("placement/region") + " " + meta("nothing/here"))

val id = Try {
  asked += 1
  Source.fromURL(base + "instance-id").mkString
} match {
  case Success(text) => text
  case Failure(_) => "failed"
}
println(s"$id $asked")

lazy val kind = Source.fromURL(base + "instance-type").mkString
def ami = Source.fromURL(base + "ami-id").mkString
println("before")
println(Try(kind).isSuccess + " " + Try(ami).toOption.map(_.take(4)).getOrElse("none"))

val known: Option[String] = Some("known")
println(known.getOrElse(Source.fromURL(base + "hostname").mkString))

def pick(what: String): String = what match {
  case "zone" => Source.fromURL(base + "placement/availability-zone").mkString
  case "region" =>
    println("asks")
    Source.fromURL(base + "placement/region").mkString
  case _ => "nothing"
}
for (what <- List("zone", "region", "other")) println(Try(pick(what)).getOrElse("no " + what))

val all = for (key <- Seq("instance-id", "ami-id")) yield Try(Source.fromURL(base + key).mkString.take(2)).getOrElse("-")
println(all)
println(Seq("instance-type").map(key => Try(Source.fromURL(base + key).mkString).getOrElse("?")))
println(Seq("instance-id").map { key =>
  val text = Try(Source.fromURL(base + key).mkString)
  text.map(_.length).getOrElse(0)
})

val text = Try(s"id: ${Source.fromURL(base + "instance-id").mkString}").getOrElse("id: none")
println(text)
if (Try(Source.fromURL(base + "spot/instance-action").mkString).isSuccess) println("spot ends") else println("goes on")
