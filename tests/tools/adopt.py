"""Adopts the corpus of `meshsynth adopt` as one project, with its proof, and has clippy look at what it wrote.

    python adopt.py target/debug/meshsynth [SOURCE..]

Without sources they are the templates and the manifests of `cli/tests/adopt`; public corpora are named in docs/adopt.md.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORPUS = [ROOT / "cli/tests/adopt/templates", ROOT / "cli/tests/adopt/manifests"]
PROJECT = ROOT / "target/adopted/corpus"
BUILT = ROOT / "target/adopted/build"


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def main():
    binary, *given = sys.argv[1:]
    sources = [pathlib.Path(it).resolve() for it in given] or CORPUS
    shutil.rmtree(PROJECT, ignore_errors=True)
    environment = os.environ | {"CARGO_TARGET_DIR": str(BUILT)}
    command = [str(pathlib.Path(binary).resolve()), "adopt", *map(str, sources), "--into", str(PROJECT), "--name", "corpus"]
    begin = time.monotonic()
    adopted = subprocess.run(
        [*command, "--library-path", str(ROOT), "--json"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if not adopted.stdout:
        sys.exit(adopted.stderr)
    report = json.loads(adopted.stdout)
    rows, refused = report["resources"], report["refused"]
    files, left = {row["file"] for row in rows}, {it["file"] for it in refused}
    typed = sum(row["typed"] for row in rows)
    print(f"{len(files)} files adopted of {len(files | left)} ({share(len(files), len(files | left))})")
    print(f"{len(rows)} resources and objects, {typed} typed ({share(typed, len(rows))})")
    print(f"proof: {report['proof']}, in {time.monotonic() - begin:.0f} s")
    for it in refused:
        place = f"{it['file']}:{it['line']}" if it["line"] else it["file"]
        print(f"not adopted: {place}: {it['why']}")
    failed = report["proof"] != "no changes" or not given and refused
    if failed:
        print(adopted.stderr)
    # What others build on is compiled already: clippy looks at the program alone.
    lints = {"CLIPPY_ARGS": "--deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__"}
    linted = subprocess.run(
        ["cargo", "--config", "build.rustc-workspace-wrapper='clippy-driver'", "build", "--quiet"],
        cwd=PROJECT,
        env=environment | lints,
        capture_output=True,
        text=True,
    )
    if linted.returncode:
        print(linted.stderr)
    n_failed = bool(failed) + bool(linted.returncode)
    print(f"{2 - n_failed} passed, {n_failed} failed")
    sys.exit(1 if n_failed else 0)


main()
