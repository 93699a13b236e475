// The region of the cluster, as courses look it up on every cloud: a page that
// is missing means that this is not AWS.
// elsewhere: yes
// timeout: yes
import scala.io.Source

def getAwsRegion(): String = {
  val IDENTITY_DOC_ENDPOINT = "http://169.254.169.254/latest/dynamic/instance-identity/document"
  try {
    val jsonData = Source.fromURL(IDENTITY_DOC_ENDPOINT).mkString
    val region = """"region"\s*:\s*"([^"]+)"""".r
    region.findFirstMatchIn(jsonData).map(_.group(1)).getOrElse("us-west-2")
  } catch {
    case e: java.io.FileNotFoundException => null
  }
}

def getAzureRegion(): String = "westeurope"

val awsRegion = getAwsRegion()
val region = if (awsRegion != null) ("AWS", awsRegion) else ("Azure", getAzureRegion())
println(region)
