"""Plays the commands of a Dockerfile, as far as the execution suite needs.

    run_dockerfile.py FILE

RUN, in the order of the file, then CMD: what the image's build and its first
container would run, here and now, in the folder the program runs in. Lines
are joined as Docker joins them, ENV sets the environment, SHELL the shell.
The first command that fails ends the run with its status.
"""
import json
import os
import re
import subprocess
import sys

shell = ["/bin/sh", "-c"]
escape = "\\"
last = None


def instructions(lines):
    global escape
    while lines:
        line = lines.pop(0)
        directive = re.match(r"#\s*escape\s*=\s*(\S)", line)
        if directive:
            escape = directive.group(1)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        joined = ""
        while True:
            rest = re.sub(r"(^|[^%s])%s[ \t]*$" % (re.escape(escape), re.escape(escape)), r"\1", line)
            joined += rest
            if rest == line:
                break
            while lines and (not lines[0].strip() or lines[0].lstrip().startswith("#")):
                lines.pop(0)
            if not lines:
                break
            line = lines.pop(0)
        docs = []
        for dash, name in re.findall(r"(?<!<)<<(-?)[\"']?(\w+)", joined):
            body = []
            while (lines[0].lstrip("\t") if dash else lines[0]) != name:
                body.append(lines.pop(0).lstrip("\t") if dash else lines.pop(0))
            docs.append((name, "".join(l + "\n" for l in body)))
            lines.pop(0)
        word, rest = joined.strip().split(None, 1)
        yield word.upper(), rest.strip(), docs


def argv(rest, docs):
    rest = re.sub(r"^(--\S+\s+)+", "", rest)
    if rest.startswith("["):
        return json.loads(rest)
    if docs and re.fullmatch(r"<<-?[\"']?\w+[\"']?", rest):
        body = docs[0][1]
        if not body.startswith("#!"):
            return shell + [body]
        with open("script", "w", encoding="utf-8") as f:
            f.write(body)
        os.chmod("script", 0o755)
        return ["./script"]
    return shell + [rest + "".join("\n" + body + name for name, body in docs)]


with open(sys.argv[1], encoding="utf-8", newline="") as f:
    text = f.read().replace("\r\n", "\n")
for word, rest, docs in instructions(text.rstrip("\n").split("\n")):
    if word == "ENV":
        for key, value in re.findall(r'(\w+)=("[^"]*"|\S+)', rest):
            os.environ[key] = re.sub(r"\$\{?(\w+)\}?", lambda m: os.environ.get(m.group(1), ""), value.strip('"'))
    elif word == "SHELL":
        shell = json.loads(rest)
    elif word == "CMD":
        last = argv(rest, docs)
    elif word == "RUN":
        status = subprocess.run(argv(rest, docs), check=False).returncode
        if status:
            sys.exit(status)
if last:
    sys.exit(subprocess.run(last, check=False).returncode)
