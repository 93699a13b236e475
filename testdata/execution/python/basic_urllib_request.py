from urllib.request import Request, urlopen

request = Request("http://169.254.169.254/latest/meta-data/mac")
request.add_header("Accept", "text/plain")
with urlopen(request, timeout=2) as answer:
    print(answer.status, answer.read().decode("utf-8"))
