"""The same program gives the same bytes: again, in release, in another locale, time zone and folder."""

import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
APP = "genai-demo"
ENVIRONMENT = "production"


def build(*args):
    subprocess.run(["cargo", "build", "--quiet", "--package", APP, *args], cwd=ROOT, check=True)
    metadata = subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, text=True)
    target = pathlib.Path(__import__("json").loads(metadata)["target_directory"])
    return target / ("release" if "--release" in args else "debug") / APP


def digest(binary, **env):
    """The digest of every file that the program writes, by path."""
    with tempfile.TemporaryDirectory() as out, tempfile.TemporaryDirectory() as cwd:
        given = {**os.environ, "MESHSYNTH_OUT": out, "MESHSYNTH_ENV": ENVIRONMENT, **env}
        subprocess.run([binary], cwd=cwd, env=given, check=True)
        files = sorted(path for path in pathlib.Path(out).rglob("*") if path.is_file())
        return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


debug, release = build(), build("--release")
first = digest(debug)
others = {
    "a second run": digest(debug),
    "a release build": digest(release),
    "another locale": digest(debug, LC_ALL="tr_TR.UTF-8", LANG="tr_TR.UTF-8"),
    "another time zone": digest(debug, TZ="Pacific/Chatham"),
    "an empty environment": digest(debug, HOME="/nonexistent", USER="somebody", PATH="/usr/bin"),
}
n_failed = 0
for name, other in others.items():
    if not first or other != first:
        n_failed += 1
        different = [path for path in first.keys() | other.keys() if first.get(path) != other.get(path)]
        print(f"{name} gives other bytes: {sorted(different)[:5]}")
print(f"judged: {len(others) - n_failed} passed, {n_failed} failed")
sys.exit(1 if n_failed else 0)
