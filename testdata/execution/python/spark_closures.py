# needs: requests
# Functions that Spark runs on its executors. Here they run one after the
# other, each with a copy of its own of what it was given, as there.
import copy

import requests

URL = "http://169.254.169.254/latest/meta-data/"
HEADERS = {"User-Agent": "etl"}
session = requests.Session()


class RDD:
    def __init__(self, rows):
        self.rows = rows

    def map(self, f):
        return RDD([copy.deepcopy(f)(r) for r in self.rows])

    def mapPartitions(self, f):
        return RDD(list(f(iter(self.rows))))

    def foreach(self, f):
        for r in self.rows:
            f(r)

    def collect(self):
        return list(self.rows)


class Context:
    def parallelize(self, rows):
        return RDD(list(rows))


def udf(returnType):
    return lambda f: f


sc = Context()
rdd = sc.parallelize(["instance-id", "ami-id"])


def attempt(name, work):
    try:
        print(name, work())
    except Exception as e:
        print(name, "failed:", type(e).__name__)


def status(row):
    answer = requests.get(URL + row, headers=HEADERS, timeout=2)
    return row if answer.ok else "refused"


def part(rows):
    for row in rows:
        answer = session.get(URL + row, timeout=2)
        yield answer.text if answer.status_code == 200 else "refused"


@udf("string")
def host(row):
    return [requests.get(URL + row, timeout=2).ok for _ in range(2)] if row else None


class Tagger:
    def tag(self, row):
        try:
            answer = session.get(URL + row, headers=HEADERS, timeout=2)
            answer.raise_for_status()
            return answer.text
        except Exception:
            return "none"


def each(row):
    answer = requests.get(URL + row, timeout=2)
    print("each", row, answer.ok)


attempt("map", lambda: rdd.map(lambda row: requests.get(URL + row, timeout=2).ok).collect())
attempt("status", lambda: rdd.map(status).collect())
attempt("part", lambda: rdd.mapPartitions(part).collect())
attempt("udf", lambda: rdd.map(host).collect())
attempt("method", lambda: rdd.map(Tagger().tag).collect())
attempt("foreach", lambda: rdd.foreach(each))
