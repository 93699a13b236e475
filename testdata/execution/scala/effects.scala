// What happens before the call goes on to happen before it fails.
import scala.io.Source

class Region(base: String) {
  println("made")
  val name = Source.fromURL(base + "/placement/region").mkString
  println("named")
}

def note(text: String): String = { println(text); text }

println(new Region("http://169.254.169.254/latest/meta-data").name)
val line = note("asking") + Source.fromURL("http://169.254.169.254/latest/meta-data/instance-id").mkString
println(line)
