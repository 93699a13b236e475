package rules

import "testing"

func TestRuntimes(t *testing.T) {
	r, err := loadRuntimes()
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{
		"12.2.x-scala2.12": true, "13.3.x-cpu-ml-scala2.12": true, "7.3.x-scala2.12": true, "15.2.x-scala2.12": true, "apache-spark-2.4.x-scala2.11": true,
		"14.3.x-scala2.12": false, "15.4.x-photon-scala2.12": false, "18.1.x-scala2.13": false, "20.0.x-scala2.13": false,
		"custom:release": false, "${var.spark_version}": false, "": false, "auto:latest-lts": false,
	} {
		if name, got := r.Unsupported(key); got != want {
			t.Errorf("%q (%s) is unsupported: %v", key, name, got)
		}
	}
}

func TestKeepsIsolation(t *testing.T) {
	for key, want := range map[string]bool{
		"7.3.x-scala2.12": true, "8.3.x-cpu-ml-scala2.12": true, "8.0.x-scala2.12": true,
		"7.2.x-scala2.12": false, "8.4.x-scala2.12": false, "10.4.x-scala2.12": false, "apache-spark-7.3.x-scala2.11": false, "custom:x": false, "": false,
	} {
		if got := AllRuntimes().KeepsIsolation(key); got != want {
			t.Errorf("%q keeps isolation: %v", key, got)
		}
	}
}
