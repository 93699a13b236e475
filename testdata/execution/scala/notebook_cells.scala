// Databricks notebook source
// MAGIC %md
// MAGIC # Which instance is this?

// COMMAND ----------

import scala.io.Source
val META = "http://169.254.169.254/latest/meta-data"

// COMMAND ----------

// インスタンスの ID
val instanceId = Source.fromURL(s"$META/instance-id").mkString

// COMMAND ----------

def tag(key: String): String = {
  Source.fromURL(META + "/" + key).getLines.mkString(" ")
}
println(instanceId + " " + tag("instance-type"))

// COMMAND ----------

val amiId = Source.fromURL(META + "/ami-id").mkString
println(amiId)
