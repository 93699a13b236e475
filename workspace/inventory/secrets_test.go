package inventory

import (
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/sql"
)

// Secrets in settings are in no definition, and what only looks like one is.
func TestDefinitionsHoldNoSecrets(t *testing.T) {
	inv := &Inventory{
		Clusters: []compute.ClusterDetails{{ClusterId: "c", ClusterName: "token-service", SparkVersion: "15.4.x-scala2.12",
			SparkConf: map[string]string{"spark.hadoop.fs.s3a.secret.key": "HIDE-1\"quoted", "spark.hadoop.fs.s3a.access.key": "HIDE-2",
				"spark.hadoop.fs.s3a.aws.credentials.provider": "com.amazonaws.auth.KEEP1", "spark.password": "{{secrets/a/KEEP2}}", "spark.app": "KEEP3",
				"spark.databricks.delta.token.enabled": "true"},
			SparkEnvVars: map[string]string{"PIP_TOKEN": "HIDE-3", "DB_PASSWORD": "HIDE-4", "ZONE": "KEEP4"}}},
		Policies: []compute.Policy{{PolicyId: "p", Name: "pol", Definition: `{"spark_conf.fs.azure.account.key.x": {"type": "fixed", "value": "HIDE-5", "hidden": true},
			"spark_env_vars.API_KEY": {"type": "allowlist", "values": ["HIDE-6", "HIDE-7"], "defaultValue": "HIDE-8"}, "spark_version": {"type": "fixed", "value": "KEEP5"}}`}},
		Warehouses: &sql.GetWorkspaceWarehouseConfigResponse{DataAccessConfig: []sql.EndpointConfPair{{Key: "spark.hadoop.fs.s3a.secret.key", Value: "HIDE-9"}, {Key: "spark.x", Value: "KEEP6"}}},
	}
	var all string
	for d := range inv.Definitions() {
		all += string(d.JSON)
	}
	if strings.Contains(all, "HIDE") || strings.Count(all, Hidden) != 9 {
		t.Errorf("%d hidden in\n%s", strings.Count(all, Hidden), all)
	}
	for _, want := range []string{"KEEP1", "KEEP2", "KEEP3", "KEEP4", "KEEP5", "KEEP6", "token-service", `"type": "allowlist"`, `"hidden": true`} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is missing in\n%s", want, all)
		}
	}
}

func TestHideSecretsInADifference(t *testing.T) {
	const diff = "@@ -1,4 +1,5 @@\n   \"spark_conf\": {\n     \"fs.s3a.secret.key\": \"HIDE\",\n-    \"a\": \"b\"\n+    \"a\": \"b\",\n+    \"x.password\": \"HIDE\"\n" +
		"      \"spark_conf.my.token\": {\"type\": \"fixed\", \"value\": \"HIDE\", \"values\": [\"HIDE\"]},\n   },\n"
	got := string(HideSecrets([]byte(diff)))
	if strings.Contains(got, "HIDE") || strings.Count(got, "\n") != strings.Count(diff, "\n") || !strings.Contains(got, "+    \"a\": \"b\",\n") {
		t.Error(got)
	}
	const plain = "{\n  \"spark_conf\": {\n    \"a\": \"b\"\n  }\n}\n"
	if got := HideSecrets([]byte(plain)); string(got) != plain {
		t.Errorf("%s", got)
	}
}
