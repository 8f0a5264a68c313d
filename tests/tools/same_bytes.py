"""Checks that a program has the same output: repeated, without debug assertions, in another locale, time zone and folder.

    python same_bytes.py [--release] [PROGRAM]

PROGRAM is the genai-demo program that a synthesis has built. By default, the script builds it. With --release, the
script also builds an optimized program, which takes minutes: `cargo xtask release` uses it.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
APP = "genai-demo"
ENVIRONMENT = "production"


# A build with the language settings of a release but without optimization, which takes four times as long.
PLAIN = ("--profile", "plain") + tuple(
    part
    for line in ('inherits="dev"', "debug-assertions=false", "overflow-checks=false")
    for part in ("--config", f"profile.plain.{line}")
)


def build(folder, *args):
    subprocess.run(["cargo", "build", "--quiet", "--package", APP, *args], cwd=ROOT, check=True)
    metadata = subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, text=True)
    return pathlib.Path(json.loads(metadata)["target_directory"]) / folder / APP


def digest(binary, **env):
    """Returns the digest of every file that the program writes, by path."""
    with tempfile.TemporaryDirectory() as out, tempfile.TemporaryDirectory() as cwd:
        given = {**os.environ, "MESHSYNTH_OUT": out, "MESHSYNTH_ENV": ENVIRONMENT, **env}
        subprocess.run([binary], cwd=cwd, env=given, check=True)
        files = sorted(path for path in pathlib.Path(out).rglob("*") if path.is_file())
        return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


programs = [arg for arg in sys.argv[1:] if arg != "--release"]
debug = pathlib.Path(programs[0]).resolve() if programs else build("debug")
release = build("release", "--release") if "--release" in sys.argv else build("plain", *PLAIN)
first = digest(debug)
others = {
    "a second run": digest(debug),
    "a build without debug assertions": digest(release),
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
