package analyzer

import "testing"

// A call of a library that uses tokens by itself counts as compliant. A class
// of the program with such a name is nothing.
func TestLibrariesThatUseTokens(t *testing.T) {
	const v2 = "import software.amazon.awssdk.imds.Ec2MetadataClient\n"
	java := func(imports, body string) string {
		return imports + "public class A {\n  void f() {\n    " + body + "\n  }\n}\n"
	}
	for _, c := range []struct {
		name, path, src string
		want            int
	}{
		{"version 1", "A.java", java("import com.amazonaws.util.EC2MetadataUtils;\n", "EC2MetadataUtils.getInstanceId(); EC2MetadataUtils.getData(\"/latest/meta-data/ami-id\");"), 2},
		{"imported with all of its package", "A.java", java("import com.amazonaws.util.*;\n", "EC2MetadataUtils.getInstanceId();"), 1},
		{"a method imported", "A.java", java("import static com.amazonaws.util.EC2MetadataUtils.getInstanceId;\n", "getInstanceId();"), 1},
		{"the full name", "a.scala", "val id = com.amazonaws.util.EC2MetadataUtils.getInstanceId\nval again = com.amazonaws.util.EC2MetadataUtils.getInstanceId()\n", 2},
		{"version 2's own", "a.scala", "import software.amazon.awssdk.regions.internal.util.EC2MetadataUtils\nEC2MetadataUtils.getInstanceId()\n", 1},
		{"not imported", "A.java", java("", "EC2MetadataUtils.getInstanceId();"), 0},
		{"imported from elsewhere", "A.java", java("import com.example.EC2MetadataUtils;\n", "EC2MetadataUtils.getInstanceId();"), 0},
		{"a class of the program", "a.scala", "import com.amazonaws.util._\nobject EC2MetadataUtils { def getInstanceId() = \"i-1\" }\nEC2MetadataUtils.getInstanceId()\n", 0},
		{"a client in a variable", "a.scala", v2 + "val c = Ec2MetadataClient.create()\nc.get(\"/latest/meta-data/ami-id\")\n", 1},
		{"a client built where it is used", "a.scala", v2 + "Ec2MetadataClient.builder().retryPolicy(p).build().get(\"/latest/meta-data/ami-id\").asString()\n", 1},
		{"a client that is declared", "A.java", java("import software.amazon.awssdk.imds.*;\n", "try (Ec2MetadataClient c = Ec2MetadataClient.create()) { c.get(\"/latest/meta-data/ami-id\"); }"), 1},
		{"a client given to a method", "A.java", "import software.amazon.awssdk.imds.Ec2MetadataClient;\nclass A { String f(Ec2MetadataClient c) { return c.get(\"/latest/meta-data/ami-id\").asString(); } }\n", 1},
		{"another object's get", "a.scala", v2 + "val c = Map(\"a\" -> 1)\nc.get(\"a\")\n", 0},
		{"a client that is made and not asked", "a.scala", v2 + "val c = Ec2MetadataClient.create()\n", 0},
		{"beside a pin of an old version", "x.py", "# Databricks notebook source\n# MAGIC %scala\n# MAGIC // com.amazonaws\n# MAGIC import com.amazonaws.util.EC2MetadataUtils\n# MAGIC EC2MetadataUtils.getInstanceId()\n\n# COMMAND ----------\n\nspark = SparkSession.builder.config(\"spark.jars.packages\", \"com.amazonaws:aws-java-sdk-core:1.11.500\").getOrCreate()\n", 0},
		{"beside a pin of a new version", "x.py", "# Databricks notebook source\n# MAGIC %scala\n# MAGIC // com.amazonaws\n# MAGIC import com.amazonaws.util.EC2MetadataUtils\n# MAGIC EC2MetadataUtils.getInstanceId()\n\n# COMMAND ----------\n\nspark = SparkSession.builder.config(\"spark.jars.packages\", \"com.amazonaws:aws-java-sdk-core:1.12.500\").getOrCreate()\n", 1},
	} {
		res := analyze(t, c.path, c.src)
		if res.Compliant != c.want {
			t.Errorf("%s: %d compliant, want %d", c.name, res.Compliant, c.want)
		}
	}
}
