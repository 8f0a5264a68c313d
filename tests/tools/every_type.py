"""Every type of CloudFormation compiles, and the program of the book that uses one behind a feature does.

    python every_type.py

The doc tests leave that program out: they are compiled without the feature.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]

command = ["cargo", "check", "--quiet", "--package", "meshsynth", "--features", "cfn-all", "--message-format", "json"]
done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
for row in rows:
    if row["reason"] == "compiler-message":
        print(row["message"]["rendered"])
files = [file for row in rows if row["reason"] == "compiler-artifact" and row["target"]["name"] == "meshsynth" for file in row["filenames"]]
n_passed, n_failed = int(done.returncode == 0), int(done.returncode != 0)
metadata = [file for file in files if file.endswith(".rmeta")]
for path in PAGES if metadata else []:
    for program in re.findall(r"^```rust\n(# #\[cfg\(feature = \"[a-z0-9-]+\"\)\] \{\n.*?)^```$", path.read_text(), re.M | re.S):
        feature = re.search(r'"([a-z0-9-]+)"', program)[1]
        body = "".join(line.removeprefix("# ") + "\n" for line in program.splitlines())
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "page.rs")
            source.write_text(f"fn main() {{\n{body}}}\n")
            call = ["rustc", "--edition", "2024", "--emit", "metadata", "--out-dir", folder, "--deny", "warnings"]
            call += ["--cfg", f'feature="{feature}"', "--check-cfg", "cfg(feature, values(any()))"]
            call += ["--extern", f"meshsynth={metadata[0]}", "-L", f"dependency={pathlib.Path(metadata[0]).parent}", source]
            compiled = subprocess.run(call, capture_output=True, text=True, check=False)
        n_passed += compiled.returncode == 0
        n_failed += compiled.returncode != 0
        if compiled.returncode:
            print(f"{path.relative_to(ROOT)}: its program with `{feature}` does not compile:\n{compiled.stderr}")
if n_passed < 2 and not n_failed:
    n_failed += 1
    print("no page has a program with a feature: this script looks for nothing")
print(f"judged: {n_passed} passed, {n_failed} failed")
sys.exit(1 if n_failed else 0)
