"""The walkthrough: runs every template of `meshsynth init` and every page of the book like a new user.

    python walkthrough.py FOLDER NODE_FOLDER [BINARY]

Templates are generated, formatted, linted, synthesized and tested in FOLDER. Their output remains there for the
validators. Then the pages are run. Prints the duration of each step of getting-started.md at the end. Without
BINARY, the command is built first.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from walk import Walk

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


# Clippy checks the build of the tests, as in `cargo xtask test`. A separate run would check every dependency again.
LINTED_TEST = (
    "CLIPPY_ARGS=--deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__ "
    "cargo --config \"build.rustc-workspace-wrapper='clippy-driver'\" test --quiet --all-targets"
)


def binary():
    if len(sys.argv) > 3:
        return pathlib.Path(sys.argv[3]).resolve()
    # Use the build of the tests. A build of only one package enables other features and compiles the library again.
    build = ["cargo", "build", "--quiet", "--workspace", "--bin", "meshsynth", "--bin", "meshsynth-deploy"]
    subprocess.run(build, cwd=ROOT, check=True)
    metadata = subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, text=True)
    return pathlib.Path(json.loads(metadata)["target_directory"]) / "debug" / "meshsynth"


def templates(walk):
    """Creates a project `init-<template>` for every template."""
    help_text, _, _ = walk.run("meshsynth init --help", walk.folder)
    block = re.search(r"--template <TEMPLATE>.*?(?=\n +--)", help_text, re.S)[0]
    names = re.findall(r"^ +- ([a-z-]+):", block, re.M) or re.findall(r"possible values: ([^\]]+)", block)[0].split(", ")
    for name in names:
        folder = walk.folder / "templates" / f"init-{name}"
        made = walk.must(name, f"meshsynth init {folder} --template {name}", walk.folder)
        commands = ["cargo fmt --check", LINTED_TEST]
        # A rule pack is not a platform.
        if (folder / "meshsynth.toml").exists():
            commands[1:] = ["meshsynth synth --strict", LINTED_TEST, "meshsynth diff --base synth.out --exit-code"]
        for command in commands:
            made = made and walk.must(name, command, folder)
    print(f"templates: {', '.join(names)}")


def pages(walk):
    """Runs the pages, and returns their new texts."""
    files = sorted(path for path in (ROOT / "docs").rglob("*.md") if "decisions" not in path.parts)
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *files]:
        if not path.exists():
            continue
        n_times = len(walk.times)
        text = walk.page(path)
        if os.environ.get("UPDATE_DOCS") and text != path.read_text():
            path.write_text(text)
        if path.name == "getting-started.md":
            for seconds, command in walk.times[n_times:]:
                print(f"{seconds:7.1f} s  {command}")


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    for name in ("templates", "pages", "made"):
        shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    walk = Walk(ROOT, binary(), folder, pathlib.Path(sys.argv[2]).resolve())
    templates(walk)
    pages(walk)
    for finding in walk.findings:
        print(finding)
    print(f"judged: {walk.n_passed} passed, {len(walk.findings)} failed")
    sys.exit(1 if walk.findings else 0)


main()
