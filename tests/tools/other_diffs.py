"""The output of other diff tools for the inputs of a guide: other_diffs.py NODE_FOLDER [--server PROGRAM].

crates/cli/tests/fixtures/folders has records of `cdk diff`, `kubectl diff` and `helm diff` next to our reports, which
docs/guides/diff-without-a-program.md summarizes. The record of
`cdk diff` is compared with a run of the CDK CLI. With the program of tests/tools/apiserver, the record of `kubectl diff` is
compared with a run on a real API server. No package registry has the plugin helm-diff, so its record is not updated. With
UPDATE_DOCS, the records are written.
"""

import argparse
import http.server
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

from admission import NoWebhook
from control_plane import ControlPlane

FOLDERS = pathlib.Path(__file__).resolve().parents[2] / "crates/cli/tests/fixtures/folders"
PLAIN = {"NO_COLOR": "1", "FORCE_COLOR": "0", "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true", "CDK_DISABLE_CLI_TELEMETRY": "true"}


def run(words, shown, folder, version, more=None):
    """Returns a record: the version, the displayed command, and its output."""
    done = subprocess.run(words, cwd=folder, env={**os.environ, **PLAIN, **(more or {})}, capture_output=True, text=True, check=False)
    said = re.sub(r"[ \t]+$", "", done.stdout + done.stderr, flags=re.M)
    code = f"[exit {done.returncode}]\n" if done.returncode else ""
    return f"# {version}\n$ {shown}\n{said.strip()}\n{code}"


def told(words, more=None):
    return subprocess.run(words, env={**os.environ, **(more or {})}, capture_output=True, text=True, check=True).stdout


def cdk(node):
    program = str(node / "node_modules/.bin/cdk")
    version = told([program, "--version"]).split()[0]
    shown = "diff Orders --app new --template old/Orders.template.json"
    return run([program, *shown.split(), "--no-notices"], f"cdk {shown}", FOLDERS / "cdk", f"AWS CDK CLI {version}")


def kubectl(node, server):
    """Returns the record for a cluster with the old objects."""
    program = str(node / "layer/kubectl/kubectl")
    webhook = http.server.HTTPServer(("127.0.0.1", 0), NoWebhook)
    threading.Thread(target=webhook.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        with ControlPlane(server, folder, ["one"], f"http://127.0.0.1:{webhook.server_port}") as plane:
            config = {"KUBECONFIG": str(plane.servers[0].kubeconfig)}
            call = {"cwd": FOLDERS / "kustomize", "env": {**os.environ, **config}, "check": True, "stdout": subprocess.DEVNULL}
            subprocess.run([program, "create", "namespace", "shop"], **call)
            subprocess.run([program, "apply", "--filename", "old"], **call)
            # Wait for the write of the controller, because it changes the lines of the diff.
            noted = r"jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}=1"
            subprocess.run([program, "wait", f"--for={noted}", "--timeout=60s", "--namespace=shop", "deployment/web"], **call)
            versions = "kubectl " + ", API server ".join(re.findall(r"(?:Client|Server) Version: (\S+)", told([program, "version"], config)))
            text = run([program, "diff", "--filename", "new"], "kubectl diff --filename new", FOLDERS / "kustomize", versions, config)
    return without_chance(text)


def without_chance(text):
    """Removes values that differ between two runs: folders, times and identifiers."""
    text = re.sub(r"(?:/\S+)?/(LIVE|MERGED)-\d+/", r"/tmp/\1/", text)
    text = re.sub(r"^((?:---|\+\+\+) \S+)\t.*$", r"\1", text, flags=re.M)
    text = re.sub(r'(creationTimestamp: )"[^"]*"', r'\1"2026-01-01T00:00:00Z"', text)
    text = re.sub(r"(uid: )[0-9a-f-]{36}", r"\g<1>00000000-0000-0000-0000-000000000000", text)
    return re.sub(r'(resourceVersion: )"\d+"', r'\1"1"', text)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("node", type=pathlib.Path)
    args.add_argument("--server", type=pathlib.Path)
    args = args.parse_args()
    records = {"cdk/cdk-diff.txt": cdk(args.node.resolve())}
    if args.server:
        records["kustomize/kubectl-diff.txt"] = kubectl(args.node.resolve(), args.server.resolve())
    passed, failed = 0, 0
    for name, text in records.items():
        path = FOLDERS / name
        if os.environ.get("UPDATE_DOCS"):
            path.write_text(text)
        if path.exists() and path.read_text() == text:
            passed += 1
        else:
            failed += 1
            print(f"{path}: it is not what the tool says; `UPDATE_DOCS=1` writes it:\n{text}")
    print(f"judged: {passed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
