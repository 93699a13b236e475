"""Plays the functions of a SQL file, as far as the execution suite needs.

    run_sql.py FILE

Each `CREATE FUNCTION … LANGUAGE PYTHON AS $$ … $$` without parameters is
called once, in the order of the file, in a process of its own, and its value
printed; a function that raises prints the kind of exception and ends the run
with status 1, as a query that calls it would fail.
"""
import re
import subprocess
import sys
import textwrap

FUNCTION = re.compile(r"CREATE\b[^;$]*?\bFUNCTION\s+([\w.]+)\s*\(\)[^;$]*?LANGUAGE\s+PYTHON\b[^;$]*?AS\s+(\$\w*\$)(.*?)\2", re.S | re.I)
CALL = """
try:
    print(function())
except Exception as e:
    print(type(e).__name__)
    raise SystemExit(1)
"""

with open(sys.argv[1], encoding="utf-8") as f:
    functions = FUNCTION.findall(f.read())
for name, _, body in functions:
    print(name, flush=True)
    program = "def function():\n" + textwrap.indent(textwrap.dedent(body), "    ") + "\n" + CALL
    if subprocess.run([sys.executable, "-c", program], check=False).returncode != 0:
        sys.exit(1)
