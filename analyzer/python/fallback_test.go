package python

import (
	"strings"
	"testing"
)

const tokenPrelude = `import requests
def token():
    return requests.put("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}).text
`

func TestFallbacks(t *testing.T) {
	const asked = "requests.put PUT ~/latest/api/token token\n"
	const sent = "requests.get GET ~/latest/x present\n"
	testRequests(t, []requestCase{
		{"except", tokenPrelude + `try:
    r = requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": token()})
except Exception:
    r = requests.get("~/latest/x")`, asked + sent + "requests.get GET ~/latest/x absent fallback"},
		{"except of something else", tokenPrelude + `try:
    r = open("x").read()
except Exception:
    r = requests.get("~/latest/x")`, asked + "requests.get GET ~/latest/x absent"},
		{"else", tokenPrelude + `t = token()
if t:
    r = requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": t})
else:
    r = requests.get("~/latest/x")`, asked + sent + "requests.get GET ~/latest/x absent fallback"},
		{"else of another question", tokenPrelude + `if region:
    r = requests.get("~/latest/x")
else:
    r = requests.get("~/latest/y")`, asked + "requests.get GET ~/latest/x absent\nrequests.get GET ~/latest/y absent"},
		{"after return", tokenPrelude + `def get():
    t = token()
    if t:
        return requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": t})
    return requests.get("~/latest/x")
get()`, asked + sent + "requests.get GET ~/latest/x absent fallback"},
		{"v1 first", tokenPrelude + `r = requests.get("~/latest/y")
if r.status_code == 401:
    r = requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": token()})`, asked + "requests.get GET ~/latest/y absent fallback\n" + strings.TrimSpace(sent)},
		{"v1 in try first", tokenPrelude + `try:
    r = requests.get("~/latest/y")
except Exception:
    r = requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": token()})`, asked + "requests.get GET ~/latest/y absent fallback\n" + strings.TrimSpace(sent)},
		{"functions", tokenPrelude + `def v2(): return requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": token()})
def v1(): return requests.get("~/latest/y")
def get():
    try:
        return v2()
    except Exception:
        return v1()`, asked + sent + "requests.get GET ~/latest/y absent fallback"},
		{"after a try that failed", tokenPrelude + `def get(p):
    try:
        return requests.get("~/latest/" + p, headers={"X-aws-ec2-metadata-token": token()})
    except Exception:
        pass
    return requests.get("~/latest/" + p)
get("x")`, asked + sent + "requests.get GET ~/latest/x absent fallback"},
		{"a forgotten call", tokenPrelude + `h = {"X-aws-ec2-metadata-token": token()}
a = requests.get("~/latest/x", headers=h)
b = requests.get("~/latest/y")`, asked + sent + "requests.get GET ~/latest/y absent"},
	})
}

func TestCrossings(t *testing.T) {
	const asked = "requests.put PUT ~/latest/api/token token\n"
	testRequests(t, []requestCase{
		{"map partitions", tokenPrelude + `t = token()
def part(rows):
    yield requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": t}).text
df.rdd.mapPartitions(part).collect()`, asked + "requests.get GET ~/latest/x present crosses"},
		{"token on the executor", tokenPrelude + `def part(rows):
    t = token()
    yield requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": t}).text
df.rdd.mapPartitions(part).collect()`, asked + "requests.get GET ~/latest/x present"},
		{"udf", tokenPrelude + `headers = {"X-aws-ec2-metadata-token": token()}
@F.udf("string")
def where(x):
    return requests.get("~/latest/x", headers=headers).text`, asked + "requests.get GET ~/latest/x present crosses"},
		{"broadcast", tokenPrelude + `t = sc.broadcast(token())
def part(rows):
    yield requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": t.value}).text
df.rdd.mapPartitions(part).collect()`, asked + "requests.get GET ~/latest/x present crosses"},
		{"plain map", tokenPrelude + `t = token()
list(map(lambda p: requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": t}).text, paths))`, asked + "requests.get GET ~/latest/x present"},
		{"lambda on an RDD", tokenPrelude + `t = token()
sc.parallelize(range(9)).map(lambda p: requests.get("~/latest/x", headers={"X-aws-ec2-metadata-token": t}).text)`, asked + "requests.get GET ~/latest/x present crosses"},
	})
}
