"""Plays a notebook: its cells in order, as far as the execution suite needs.

    run_notebook.py FILE [ARGUMENTS]

FILE is an .ipynb or a Databricks SOURCE notebook (.py). IPython runs the
cells, so that `!command`, `x = !command` and `%%bash` mean what they mean
there; Databricks' own magics are added: `%run` plays another notebook in the
same session, dbutils.notebook.run in one of its own. ARGUMENTS are the widgets
as JSON. The first cell that fails ends the run with status 1, as a job run of
the notebook would end.
"""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

from IPython.core.interactiveshell import InteractiveShell

SHELL = re.compile(r"\s*%sh\b((?:[ \t]+-[a-z]+)*)[ \t]*(.*)", re.S)
SILENT = re.compile(r"\s*%(md|sql|scala|r|pip|fs|conda)\b")
RUN = re.compile(r"\s*%run[ \t]+(.*)")
RESULT = "RUN_NOTEBOOK_RESULT"

# The notebooks being played, innermost last, each with its widgets.
playing = []


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

    class widgets:
        @staticmethod
        def text(name, default, label=None):
            playing[-1][1].setdefault(name, default)

        @staticmethod
        def get(name):
            return playing[-1][1][name]

    class notebook:
        @staticmethod
        def exit(value):
            sys.stdout.flush()
            if RESULT in os.environ:
                with open(os.environ[RESULT], "w", encoding="utf-8") as f:
                    f.write(str(value))
            else:
                print("exit:", value, flush=True)
            os._exit(0)

        @staticmethod
        def run(path, timeout_seconds=0, arguments=None):
            sys.stdout.flush()
            with tempfile.NamedTemporaryFile() as result:
                subprocess.run([sys.executable, os.path.abspath(__file__), find(path), json.dumps(arguments or {})],
                               env={**os.environ, RESULT: result.name}, check=True)
                return result.read().decode("utf-8")


def find(name):
    """The file of a notebook that is named without its suffix."""
    path = os.path.join(os.path.dirname(playing[-1][0]), name)
    for suffix in ("", ".py", ".ipynb"):
        if os.path.isfile(path + suffix):
            return path + suffix
    raise FileNotFoundError(path)


def play(shell, path, widgets):
    playing.append((path, widgets))
    for source in cells(path):
        sys.stdout.flush()
        run = RUN.match(source)
        if run:
            name, *rest = shlex.split(run.group(1))
            given = dict(r[1:].split("=", 1) for r in rest)
            play(shell, find(name), given)
        elif not play_cell(shell, source):
            sys.exit(1)
    playing.pop()


def play_cell(shell, source):
    if SILENT.match(source) or not source.strip():
        return True
    script = SHELL.match(source)
    if script:
        return shell_cell(script.group(1), script.group(2))
    source = re.sub(r"^\s*%python\b[ \t]*\n?", "", source)
    source = re.sub(r"(?m)^%(pip|conda|matplotlib)\b.*$", "", source)
    return shell.run_cell(source).success


def main():
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    # Neither "Out[1]:" nor a traceback is part of what a program prints.
    shell.colors = "NoColor"
    shell.displayhook.write_output_prompt = lambda: None
    shell._showtraceback = lambda kind, value, trace: print("".join(trace), file=sys.stderr)
    shell.user_ns["dbutils"] = Dbutils
    play(shell, sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})


main()
