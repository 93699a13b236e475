"""Plays the scripts of a YAML file, as far as the execution suite needs.

    run_yaml.py FILE

What a runner of the file would start, here and now, in the folder the program
runs in: the steps of GitHub Actions, the jobs of GitLab CI, CodeBuild's
commands, cloud-init's files and commands, user data of CloudFormation, the
containers of a pod, Ansible's shell tasks. The first script that fails ends
the run with its status.
"""
import os
import re
import subprocess
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's tags: !Base64 changes nothing here."""


Loader.add_constructor("!Base64", lambda l, node: l.construct_scalar(node))


def run(argv, env=None):
    sys.stdout.flush()
    status = subprocess.run(argv, env={**os.environ, **(env or {})}).returncode
    if status != 0:
        sys.exit(status if status > 0 else 1)


def script(text, argv, env=None, name="script"):
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(name, 0o755)
    run([*argv, "./" + name], env)


def texts(mapping):
    return {k: str(v) for k, v in (mapping or {}).items()}


def github(doc):
    for job in doc["jobs"].values():
        for step in job["steps"]:
            env = {**texts(doc.get("env")), **texts(job.get("env")), **texts(step.get("env"))}
            fields = {"env." + k: v for k, v in env.items()}
            fields.update({"matrix." + k: v[0] for k, v in job.get("strategy", {}).get("matrix", {}).items()})
            text = re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda m: fields[m.group(1)], step["run"])
            shell = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"], "sh": ["sh", "-e"],
                     "python": [sys.executable]}.get(step.get("shell"), ["bash", "-e"])
            script(text, shell, env)


def lines(items):
    for item in [items] if isinstance(items, str) else items or []:
        if isinstance(item, str):
            yield item
        else:
            yield from lines(item)


def gitlab(doc):
    for name, job in doc.items():
        if isinstance(job, dict) and "script" in job and not name.startswith("."):
            env = {**texts(doc.get("variables")), **texts(job.get("variables"))}
            script("\n".join(["set -eo pipefail", *lines(job.get("before_script")), *lines(job["script"])]), ["bash"], env)


def codebuild(doc):
    everything = [c for phase in doc["phases"].values() for c in phase["commands"]]
    script("\n".join(["set -e", *everything]), ["sh"], texts(doc.get("env", {}).get("variables")))


def cloud_init(doc):
    for f in doc.get("write_files", []):
        path = "." + f["path"]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(f["content"])
        os.chmod(path, int(f.get("permissions", "0644"), 8))
    for key in "bootcmd", "runcmd":
        out = ["#!/bin/sh"]
        for item in doc.get(key, []):
            if isinstance(item, list):
                item = " ".join("'%s'" % word.replace("'", "'\\''") for word in item)
            out.append(item)
        if key in doc:
            script("\n".join(out) + "\n", [])


def cloudformation(doc):
    for n, resource in enumerate(doc["Resources"].values()):
        data = resource["Properties"]["UserData"]
        if isinstance(data, dict):
            data = data["Fn::Base64"]
        if data.startswith("#cloud-config"):
            cloud_init(yaml.load(data, Loader))
        else:
            script(data, [], name="part-%d" % n)


def kubernetes(doc):
    for c in doc["spec"].get("initContainers", []) + doc["spec"]["containers"]:
        run(c["command"] + c.get("args", []), {e["name"]: e["value"] for e in c.get("env", [])})


def ansible(doc):
    for play in doc:
        for task in play["tasks"]:
            text = task["shell"]
            run(["/bin/sh", "-c", text if isinstance(text, str) else text["cmd"]])


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    doc = yaml.load(text, Loader)
    if isinstance(doc, list):
        ansible(doc)
    elif text.startswith("#cloud-config"):
        cloud_init(doc)
    elif "jobs" in doc:
        github(doc)
    elif "phases" in doc:
        codebuild(doc)
    elif "Resources" in doc:
        cloudformation(doc)
    elif "apiVersion" in doc:
        kubernetes(doc)
    else:
        gitlab(doc)


main()
