"""Plays a notebook: its cells in order, as far as the execution suite needs.

    run_notebook.py FILE

FILE is an .ipynb or a Databricks SOURCE notebook (.py). IPython runs the
cells, so that `!command`, `x = !command` and `%%bash` mean what they mean
there; Databricks' own magics are added. The first cell that fails ends the
run with status 1, as a job run of the notebook would end.
"""
import json
import os
import re
import subprocess
import sys

from IPython.core.interactiveshell import InteractiveShell

SHELL = re.compile(r"\s*%sh\b((?:[ \t]+-[a-z]+)*)[ \t]*(.*)", re.S)
SILENT = re.compile(r"\s*%(md|sql|scala|r|pip|fs|conda)\b")


def cells(path):
    with open(path, encoding="utf-8", newline="") as f:
        text = f.read().replace("\r\n", "\n")
    if path.endswith(".ipynb"):
        for cell in json.loads(text)["cells"]:
            source = cell["source"]
            if cell["cell_type"] == "code":
                yield source if isinstance(source, str) else "".join(source)
        return
    body = text.split("\n", 1)[1]
    for cell in re.split(r"(?m)^# COMMAND -+\s*\n", body):
        lines = [l for l in cell.strip("\n").split("\n") if not l.startswith("# DBTITLE")]
        if any(l.startswith("# MAGIC") for l in lines):
            lines = [re.sub(r"^# MAGIC ?", "", l) for l in lines]
        # Comments may stand before a magic.
        code = [n for n, l in enumerate(lines) if l.strip() and not l.startswith("#")]
        if code and lines[code[0]].lstrip().startswith("%"):
            lines = lines[code[0]:]
        yield "\n".join(lines)


def shell_cell(options, script):
    done = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, check=False)
    sys.stdout.write(done.stdout.decode("utf-8", "replace"))
    sys.stdout.flush()
    # Only with -e does a failing script fail the cell.
    return done.returncode == 0 or "-e" not in options.split()


class Dbutils:
    """The few calls that notebooks which touch the metadata service make."""

    class fs:
        @staticmethod
        def put(path, contents, overwrite=False):
            local = re.sub(r"^(dbfs:)?/+", "", path)
            os.makedirs(os.path.dirname(local) or ".", exist_ok=True)
            with open(local, "w" if overwrite else "x", encoding="utf-8") as f:
                f.write(contents)
            return True

    class notebook:
        @staticmethod
        def exit(value):
            print("exit:", value, flush=True)
            os._exit(0)


def main():
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    # Neither "Out[1]:" nor a traceback is part of what a program prints.
    shell.colors = "NoColor"
    shell.displayhook.write_output_prompt = lambda: None
    shell._showtraceback = lambda kind, value, trace: print("".join(trace), file=sys.stderr)
    shell.user_ns["dbutils"] = Dbutils
    for source in cells(sys.argv[1]):
        sys.stdout.flush()
        if SILENT.match(source) or not source.strip():
            continue
        script = SHELL.match(source)
        if script:
            ok = shell_cell(script.group(1), script.group(2))
        else:
            source = re.sub(r"^\s*%python\b[ \t]*\n?", "", source)
            source = re.sub(r"(?m)^%(pip|conda|matplotlib)\b.*$", "", source)
            ok = shell.run_cell(source).success
        if not ok:
            sys.exit(1)


main()
