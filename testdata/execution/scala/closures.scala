// Functions that Spark sends to executors: each asks for a token where it runs.
import scala.io.Source

case class Rows[A](rows: Seq[A]) {
  def map[B](f: A => B): Rows[B] = Rows(rows.map(f))
  def mapPartitions[B](f: Iterator[A] => Iterator[B]): Rows[B] = Rows(f(rows.iterator).toSeq)
  def collect(): Seq[B] forSome { type B >: A } = rows
}
def udf[A, B](f: A => B): A => B = f

val meta = "http://169.254.169.254/latest/meta-data/"
val rows = Rows(Seq(1, 2))

val hosts = rows.map { n =>
  val host = Source.fromURL(meta + "local-hostname").mkString
  s"$n on $host"
}
println(hosts.collect())

val parts = rows.mapPartitions(it => {
  val id = Source.fromURL(meta + "instance-id").mkString
  it.map(n => n + id)
})
println(parts.collect())

val zone = udf((n: Int) => Source.fromURL(meta + "placement/availability-zone").mkString + n)
println(zone(3))
