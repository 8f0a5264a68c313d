"""Adopts the corpus of `meshsynth adopt` and a platform of the AWS CDK, each as one project with its proof, and runs clippy for
the programs.

    python adopt.py --node target/tools/node target/debug/meshsynth
    python adopt.py target/debug/meshsynth SOURCE..

The corpus is the templates and manifests in `crates/cli/tests/adopt`. The platform is the output of its `cdk/shop.mjs` in
`target/adopted/cdk/cdk.out`. The second form measures any folder. docs/evidence/adopt.md lists the public repositories.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CASES = ROOT / "crates/cli/tests/adopt"
CORPUS = [CASES / "templates", CASES / "constructs", CASES / "manifests"]
ADOPTED = ROOT / "target/adopted"
# The default context that the command `cdk` passes to an app.
CDK = {
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:version-reporting": True,
}
# The limits for the CDK platform: the share of typed resources, and the program lines for each resource.
MIN_TYPED, MAX_LINES = 98, 16


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def synthesized(node):
    """Returns the `cdk.out` of the platform, or the reason why there is none."""
    app = ADOPTED / "cdk"
    shutil.rmtree(app, ignore_errors=True)
    shutil.copytree(CASES / "cdk", app)
    # Node searches for modules in the folders above the program.
    (app / "node_modules").symlink_to((node / "node_modules").resolve())
    environment = os.environ | {"CDK_OUTDIR": "cdk.out", "CDK_CONTEXT_JSON": json.dumps(CDK)}
    done = subprocess.run(["node", "shop.mjs"], cwd=app, env=environment, capture_output=True, text=True)
    return app / "cdk.out", done.stderr if done.returncode else ""


class Project:
    """An input that is adopted as one project."""

    def __init__(self, name, binary, sources):
        self.name, self.folder = name, ADOPTED / name
        # All projects share one target folder, so that dependencies are compiled once.
        self.environment = os.environ | {"CARGO_TARGET_DIR": str(ADOPTED / "build")}
        shutil.rmtree(self.folder, ignore_errors=True)
        command = [binary, "adopt", *sources, "--into", self.folder, "--name", name, "--library-path", ROOT, "--json"]
        begin = time.monotonic()
        adopted = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        self.seconds, self.errors = time.monotonic() - begin, adopted.stderr
        if not adopted.stdout:
            sys.exit(adopted.stderr)
        report = json.loads(adopted.stdout)
        self.rows, self.refused, self.proof = report["resources"], report["refused"], report["proof"]
        self.n_typed = sum(row["typed"] for row in self.rows)
        self.n_constructs = sum(row["construct"] for row in self.rows)
        self.n_lines = sum(len(file.read_text().splitlines()) for file in self.folder.glob("src/**/*.rs"))

    def lines_for_each(self):
        return self.n_lines / len(self.rows)

    def show(self):
        files, left = {row["file"] for row in self.rows}, {it["file"] for it in self.refused}
        n_rows = len(self.rows)
        print(f"{self.name}: {len(files)} files adopted of {len(files | left)} ({share(len(files), len(files | left))})")
        print(f"{n_rows} resources and objects, {self.n_typed} typed ({share(self.n_typed, n_rows)}), "
              f"{self.n_constructs} as constructs ({share(self.n_constructs, n_rows)})")
        print(f"{self.n_lines} lines, {self.lines_for_each():.1f} for each")
        print(f"proof: {self.proof}, in {self.seconds:.0f} s")
        for it in self.refused:
            place = f"{it['file']}:{it['line']}" if it["line"] else it["file"]
            print(f"not adopted: {place}: {it['why']}")

    def is_proved(self, is_whole):
        """Whether a deployment has no changes, and everything required is adopted."""
        is_ok = self.proof == "no changes" and not (is_whole and self.refused)
        if not is_ok:
            print(self.errors)
        return is_ok

    def is_linted(self):
        # Dependencies are already compiled, so clippy checks only the program.
        lints = {"CLIPPY_ARGS": "--deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__"}
        command = ["cargo", "--config", "build.rustc-workspace-wrapper='clippy-driver'", "build", "--quiet"]
        linted = subprocess.run(command, cwd=self.folder, env=self.environment | lints, capture_output=True, text=True)
        if linted.returncode:
            print(linted.stderr)
        return linted.returncode == 0

    def is_within_bounds(self):
        """Whether most resources are typed, and the length of the program is within its limit."""
        is_typed = 100 * self.n_typed >= MIN_TYPED * len(self.rows)
        if not is_typed:
            print(f"{self.name}: {share(self.n_typed, len(self.rows))} are typed, wanted are {MIN_TYPED} %")
        is_short = self.lines_for_each() <= MAX_LINES
        if not is_short:
            print(f"{self.name}: {self.lines_for_each():.1f} lines for each resource, wanted are {MAX_LINES} at most")
        return is_typed and is_short


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node", type=pathlib.Path, help="the folder with the npm packages")
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("sources", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    if not args.sources and not args.node:
        parser.error("the CDK is among the npm packages: name their folder by --node, or sources")
    binary = args.binary.resolve()
    corpus = Project("corpus", binary, [it.resolve() for it in args.sources] or CORPUS)
    corpus.show()
    results = [corpus.is_proved(not args.sources), corpus.is_linted()]
    if not args.sources:
        folder, error = synthesized(args.node)
        if error:
            sys.exit(error)
        shop = Project("shop", binary, [folder])
        shop.show()
        results += [shop.is_proved(True), shop.is_linted(), shop.is_within_bounds()]
    print(f"{sum(results)} passed, {results.count(False)} failed")
    sys.exit(0 if all(results) else 1)


main()
