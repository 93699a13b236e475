package rules

import (
	"testing"
	"time"
)

func TestJudgeRuntimes(t *testing.T) {
	r := AllRuntimes()
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		key, on string
		want    Support
		name    string
		until   string
	}{
		{"16.4.x-scala2.12", "2026-11-27", IsSupported, "16.4 LTS", "2028-05-09"},
		{"16.4.x-scala2.12", "2028-05-08", IsSupported, "16.4 LTS", "2028-05-09"},
		{"16.4.x-scala2.12", "2028-05-09", HasEnded, "16.4 LTS", "2028-05-09"},
		{"18.2.x-cpu-ml-scala2.13", "2026-11-27", IsSupported, "18.2 LTS", "2029-06-10"},
		{"19.1.x-scala2.13", "2040-01-01", IsSupported, "19.1", "0001-01-01"},
		{"13.3.x-scala2.12", "2020-01-01", HasEnded, "13.3 LTS", "2026-08-22"},
		{"10.4.x-scala2.12", "2026-11-27", HasEnded, "10.4", "0001-01-01"},
		{"15.3.x-scala2.12", "2026-11-27", HasEnded, "15.3", "0001-01-01"},
		{"20.0.x-scala2.13", "2026-11-27", IsNewer, "20.0", "0001-01-01"},
		{"apache-spark-2.4.x-scala2.11", "2026-11-27", IsLight, "Databricks Light 2.4", "0001-01-01"},
		{"apache-spark-3.0.x-scala2.12", "2026-11-27", IsLight, "Databricks Light 3.0", "0001-01-01"},
		{"custom:x", "2026-11-27", NotARuntime, "custom:x", "0001-01-01"},
	} {
		if j := r.Judge(c.key, day(c.on)); j.Support != c.want || j.Name != c.name || j.Until.String() != c.until {
			t.Errorf("%s on %s: %+v", c.key, c.on, j)
		}
	}
}

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
