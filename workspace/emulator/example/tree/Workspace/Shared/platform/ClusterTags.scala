// Databricks notebook source
import scala.io.Source

val endpoint = "http://169.254.169.254/latest/meta-data"

// COMMAND ----------

val instanceId = Source.fromURL(s"$endpoint/instance-id").mkString
val zone = Source.fromURL(endpoint + "/placement/availability-zone").mkString
println(s"driver $instanceId in $zone")

// COMMAND ----------

// MAGIC %python
// MAGIC dbutils.widgets.text("owner", "platform")
