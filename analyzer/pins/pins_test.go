package pins_test

import (
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/analyzer"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks/format"
)

func analyze(t *testing.T, name, text string) *analyzer.Result {
	t.Helper()
	doc, err := format.Open(name, []byte(text))
	if err != nil {
		t.Skip(err)
	}
	return analyzer.Analyze(doc, nil)
}

// names are one of each kind of manifest.
var names = []string{"requirements.txt", "pyproject.toml", "setup.cfg", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock", "package.json",
	"package-lock.json", "renv.lock", "DESCRIPTION", "pom.xml", "build.gradle", "libs.versions.toml", "build.sbt", "spark-defaults.conf",
	"gradle.lockfile", "Jenkins.groovy", "job.json", "databricks.yml", "main.tf"}

// Input of any shape ends soon: in pins, or in a report that it cannot be read.
func TestHostileManifests(t *testing.T) {
	long := 50_000
	for what, text := range map[string]string{
		"brackets":      strings.Repeat("[", long),
		"tables":        strings.Repeat("[a.b]\n", long),
		"new tables":    "boto3==1\n" + strings.Repeat("[[package]]\nname = 'boto3'\nversion = '1.9'\n", 20_000),
		"keys":          strings.Repeat("a.", long) + "b = 1",
		"objects":       strings.Repeat(`{"a":`, long),
		"dependencies":  strings.Repeat(`{"dependencies":{"aws-sdk":{"version":"2.1.0",`, 3000),
		"elements":      strings.Repeat("<dependency>", long),
		"properties":    "<project><properties><a>${a}</a><b>${a}</b><a>${b}</a></properties>" + strings.Repeat("<dependency><groupId>com.amazonaws</groupId><artifactId>aws-java-sdk</artifactId><version>${a}</version></dependency>", 2000) + "</project>",
		"coordinates":   strings.Repeat("com.amazonaws:aws-java-sdk:$v ", 5_000) + "v = '1.1'",
		"comment":       "/*" + strings.Repeat("com.amazonaws:aws-java-sdk:1.1", 5_000),
		"one line":      strings.Repeat("boto3==1.9,", long),
		"continuations": "boto3==1" + strings.Repeat("\\\n", long),
		"commas":        "Imports: " + strings.Repeat("aws.ec2metadata,", 20_000),
		"digits":        "boto3==" + strings.Repeat("9", long),
		"operators":     "spark_version = " + strings.Repeat("!", long),
		"conditions":    "spark_version = " + strings.Repeat("a?b:", long),
		"templates":     `spark_version = "` + strings.Repeat("%{if a}", long),
		"sequence":      "Seq(" + strings.Repeat(`"com.amazonaws" % "aws-java-sdk-s3",`, 20_000) + ")",
		"sequences":     strings.Repeat("Seq(", 20_000) + `"com.amazonaws" % "aws-java-sdk-s3"` + strings.Repeat(`).map(_ % "1")`, 20_000),
		"percents":      `"com.amazonaws" % "aws-java-sdk"` + strings.Repeat(` % "a"`, long),
		"variables":     "bundle: {}\nvariables:\n" + strings.Repeat("  a: {default: \"${var.a}${var.b}${var.c}\"}\n", 50) + strings.Repeat("  b: {default: \"${var.a}${var.c}\"}\n", 50) + strings.Repeat("x: {spark_version: \"${var.a}\"}\n", 500),
	} {
		for _, name := range names {
			start := time.Now()
			analyze(t, name, text)
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("%s in %s took %v", what, name, d)
			}
		}
	}
}

func FuzzManifests(f *testing.F) {
	for i, text := range []string{"boto3[a]==1.9 \\\n --hash=x\n", "[tool.poetry.dependencies]\nboto3 = {version='^1'}\n[[package]]\nname='boto3'\nversion='1'\n",
		`{"default":{"boto3":{"version":"==1"}},"dependencies":{"aws-sdk":"^2"},"Packages":{"paws.common":{"Version":"0.1"}}}`,
		"<project><properties><v>1.7</v></properties><dependency><groupId>com.amazonaws</groupId><artifactId>aws-java-sdk</artifactId><version>${v}</version></dependency></project>",
		`val v = "1.7"; "com.amazonaws" % "aws-java-sdk" % v; 'com.amazonaws:aws-java-sdk:$v'`, "[options]\ninstall_requires =\n boto3==1\n", "Imports: aws.ec2metadata (>= 1)\n",
	} {
		f.Add(i, text)
	}
	f.Fuzz(func(t *testing.T, n int, text string) {
		res := analyze(t, names[uint(n)%uint(len(names))], text)
		for _, p := range res.Pins {
			checkPin(t, p)
		}
	})
}

// checkPin: a pin lies in its unit, and its version is written where it says.
func checkPin(t *testing.T, p *facts.Pin) {
	if p.Span.Start < 0 || p.Span.End < p.Span.Start || p.Span.End > p.Unit.Text.Len() {
		t.Fatalf("%s is placed at %v of %d bytes", p.Package, p.Span, p.Unit.Text.Len())
	}
	for _, part := range p.Spec {
		if src := part.Source; src.Text != nil && src.Text.Sub(src.Span) != part.Text {
			t.Errorf("%q of %s is said to stand at %q", part.Text, p.Package, src.Text.Sub(src.Span))
		}
	}
}
