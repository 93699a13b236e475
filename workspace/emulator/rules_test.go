package emulator

import (
	"testing"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/iam"
)

func TestClusterFollowsItsPolicy(t *testing.T) {
	s, w := start(t, Options{})
	api := compute.NewClusters(w.DatabricksClient)
	s.AddPolicy(compute.Policy{PolicyId: "p", Name: "p", Definition: `{"spark_conf.a.b": {"type": "fixed", "value": "false"}, "custom_tags.team": {"type": "allowlist", "values": ["x", "y"], "isOptional": true},
		"node_type_id": {"type": "forbidden"}, "dbus_per_hour": {"type": "fixed", "value": 1}, "spark_version": {"type": "fixed", "value": "15.4.x-scala2.12"}}`})
	s.AddCluster(compute.ClusterDetails{ClusterId: "c", PolicyId: "p", SparkVersion: "14.3.x-scala2.12", InstancePoolId: "i"})
	s.ConfigureUnknown("c", "future_setting", 7)
	update := func(mask string, r compute.UpdateClusterResource) error {
		_, err := api.Update(ctx, compute.UpdateCluster{ClusterId: "c", UpdateMask: mask, Cluster: &r})
		return err
	}
	wantError(t, update("cluster_name", compute.UpdateClusterResource{ClusterName: "n"}), 400, "INVALID_PARAMETER_VALUE", `Validation failed for spark_conf, a.b must be present; Validation failed for spark_version, the value must be 15.4.x-scala2.12 (is "14.3.x-scala2.12")`)
	wantError(t, update("spark_conf,spark_version,custom_tags,node_type_id", compute.UpdateClusterResource{SparkVersion: "15.4.x-scala2.12", NodeTypeId: "m5.large",
		SparkConf: map[string]string{"a.b": "true"}, CustomTags: map[string]string{"team": "z"}}), 400, "INVALID_PARAMETER_VALUE",
		`Validation failed for custom_tags, team must be one of [x y] (is "z"); Validation failed for node_type_id, the value cannot be present; Validation failed for spark_conf, a.b must be false (is "true")`)
	if err := update("spark_conf,spark_version", compute.UpdateClusterResource{SparkVersion: "15.4.x-scala2.12", SparkConf: map[string]string{" a.b": "false ", "c": "d"}}); err != nil {
		t.Fatal(err)
	}
	if d, _ := s.Cluster("c"); d.SparkConf["a.b"] != "false" || len(d.SparkConf) != 2 {
		t.Errorf("%+v", d.SparkConf)
	}
	if s.comp.cluster("c").json()["future_setting"] != 7 {
		t.Error("an update lost what the SDK does not know")
	}
	if _, err := api.Edit(ctx, compute.EditCluster{ClusterId: "c", PolicyId: "p", SparkVersion: "15.4.x-scala2.12", InstancePoolId: "i", SparkConf: map[string]string{"a.b": "false"}}); err != nil {
		t.Fatal(err)
	}
	if s.comp.cluster("c").json()["future_setting"] != nil {
		t.Error("an edit kept what it did not send")
	}
}

func TestPolicyFamilies(t *testing.T) {
	s, w := start(t, Options{})
	api := compute.NewClusterPolicies(w.DatabricksClient)
	s.AddPolicyFamily("personal-vm", `{"a": {"type": "fixed", "value": 1}, "b": {"type": "unlimited"}}`)
	s.AddPolicy(compute.Policy{PolicyId: "f", Name: "of a family", PolicyFamilyId: "personal-vm", PolicyFamilyDefinitionOverrides: `{"b": {"type": "forbidden"}}`})
	s.AddPolicy(compute.Policy{PolicyId: "o", Name: "other", Definition: "{}"})
	p := must[*compute.Policy](t)(api.Get(ctx, compute.GetClusterPolicyRequest{PolicyId: "f"}))
	if p.Definition != `{"a":{"type":"fixed","value":1},"b":{"type":"forbidden"}}` {
		t.Errorf("merged %s", p.Definition)
	}
	edit := func(e compute.EditPolicy) error { e.PolicyId, e.Name = "f", "of a family"; return api.Edit(ctx, e) }
	wantError(t, edit(compute.EditPolicy{PolicyFamilyId: "personal-vm", Definition: "{}"}), 400, "INVALID_PARAMETER_VALUE", "cannot be used together")
	wantError(t, edit(compute.EditPolicy{PolicyFamilyId: "none"}), 400, "INVALID_PARAMETER_VALUE", "family")
	wantError(t, edit(compute.EditPolicy{PolicyFamilyDefinitionOverrides: "{}"}), 400, "INVALID_PARAMETER_VALUE", "policy_family_id")
	wantError(t, edit(compute.EditPolicy{PolicyFamilyId: "personal-vm", PolicyFamilyDefinitionOverrides: "{"}), 400, "INVALID_PARAMETER_VALUE", "JSON")
	wantError(t, api.Edit(ctx, compute.EditPolicy{PolicyId: "o", Name: "of a family", Definition: "{}"}), 400, "INVALID_PARAMETER_VALUE", "exists")
	if err := edit(compute.EditPolicy{PolicyFamilyId: "personal-vm", PolicyFamilyDefinitionOverrides: `{"c": {"type": "forbidden"}}`}); err != nil {
		t.Fatal(err)
	}
	if p, _ := s.Policy("f"); p.Definition != `{"a":{"type":"fixed","value":1},"b":{"type":"unlimited"},"c":{"type":"forbidden"}}` {
		t.Errorf("after the edit %s", p.Definition)
	}
}

func TestPermissionsOfThings(t *testing.T) {
	s, w := start(t, Options{})
	s.AddCluster(compute.ClusterDetails{ClusterId: "c", CreatorUserName: "ana"})
	s.AddPolicy(compute.Policy{PolicyId: "p", Name: "p"})
	get := func(kind, id string) (*iam.ObjectPermissions, error) {
		return iam.NewPermissions(w.DatabricksClient).Get(ctx, iam.GetPermissionRequest{RequestObjectType: kind, RequestObjectId: id})
	}
	s.SetPermissions("/policies/p", Grant{Group: "users", Level: "CAN_USE"})
	for _, c := range [][3]string{{"clusters", "c", "ana"}, {"cluster-policies", "p", "users"}} {
		got := must[*iam.ObjectPermissions](t)(get(c[0], c[1]))
		if l := got.AccessControlList; len(l) != 2 || l[0].UserName+l[0].GroupName != c[2] || l[1].GroupName != "admins" {
			t.Errorf("%s: %+v", c[0], l)
		}
	}
	s.Deny("/clusters/c", NoACL)
	_, err := get("clusters", "c")
	wantError(t, err, 403, "PERMISSION_DENIED", "permissions of cluster c")
}
