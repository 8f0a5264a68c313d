"""Compares the facts about fields of the API server with a real API server: listed.py --server PROGRAM --kubectl PROGRAM BINARY [ASSEMBLY..].

The manifests of crates/cli/tests/fixtures/listed and of every platform are applied to a real API server, with client-side and server-side apply,
and read with `kubectl get -o yaml`. The API server adds fields, so `meshsynth diff` must report no change, and
`meshsynth adopt` must write the same program as for the manifests. Fields of controllers that need a node or a
cloud are not covered. `--record` stores the lists, which the tests of the command use without a server.
"""

import argparse
import difflib
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

import yaml

from admission import NoWebhook
from control_plane import ControlPlane
from custom_kinds import install

CASES = pathlib.Path(__file__).resolve().parent.parent.parent / "crates/cli/tests/fixtures/listed"
PASSED, FAILED = [], []
FIRST = ["Namespace", "CustomResourceDefinition", "PriorityClass", "ServiceAccount", "StorageClass"]
# The state is stable after this number of seconds without a change.
QUIET = 3
# Only the managed fields show who set a field, such as a node port.
MANAGED = ("--show-managed-fields",)
# The methods to apply: the kubectl arguments to apply, and the arguments to list.
WAYS = {"client": ((), ()), "server": (("--server-side",), MANAGED)}


class Unscaled(ControlPlane):
    """API servers without autoscaling, because there are no metrics, and each autoscaler would set its minimum."""

    def run(self, name, *words):
        super().run(name, *(it.replace(",horizontal-pod-autoscaler-controller", "") for it in words))


def check(name, holds, text=""):
    (PASSED if holds else FAILED).append(name)
    if not holds:
        print(f"FAILED {name}\n{str(text)[-12000:]}", flush=True)


def documents(path):
    return [it for it in yaml.load_all(path.read_text(), yaml.CSafeLoader) if it]


class Cluster:
    """A server with its kubectl."""

    def __init__(self, args, plane):
        self.args, self.plane = args, plane
        self.environment = {**os.environ, "KUBECONFIG": str(plane.kubeconfig), "NO_COLOR": "1"}
        self.client = plane.client()

    def kubectl(self, *words):
        return subprocess.run([self.args.kubectl, *words], env=self.environment, capture_output=True, text=True, check=False)

    def meshsynth(self, *words, cwd):
        done = subprocess.run([self.args.binary, *words], env=self.environment, cwd=cwd, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def apply(self, objects, folder, *how):
        """Applies objects, starting with dependencies of other objects."""
        def place(it):
            return FIRST.index(it["kind"]) if it["kind"] in FIRST else len(FIRST)
        for at in sorted({place(it) for it in objects}):
            file = folder / f"{at}.apply.yaml"
            file.write_text(yaml.dump_all([it for it in objects if place(it) == at], sort_keys=False))
            done = self.kubectl("apply", "--filename", str(file), *how)
            file.unlink()
            if done.returncode:
                return done.stderr
            if at == FIRST.index("Namespace"):
                self.wait_for_accounts(it["metadata"]["name"] for it in objects if it["kind"] == "Namespace")
        return ""

    def wait_for_accounts(self, namespaces):
        """Waits for the service account that a pod needs, which a controller creates."""
        for namespace in namespaces:
            while not self.client.get(f"/api/v1/namespaces/{namespace}/serviceaccounts/default"):
                time.sleep(0.2)

    def listed(self, folder, *how):
        """Returns the applied objects as a list, after controllers have written their fields."""
        last, since, until = None, time.monotonic(), time.monotonic() + 60
        while time.monotonic() - since < QUIET and time.monotonic() < until:
            done = self.kubectl("get", "--filename", str(folder), "--output", "yaml", *how)
            if done.returncode:
                raise RuntimeError(done.stderr)
            if done.stdout != last:
                last, since = done.stdout, time.monotonic()
            time.sleep(0.5)
        return last


def hold(cluster, way, name, objects, folder, is_adopted):
    """Applies objects, and compares the list with them."""
    how, shown = WAYS[way]
    at = folder / f"{name}-{way}"
    applied, listed = at / "applied", at / "listed"
    applied.mkdir(parents=True), listed.mkdir()
    # A program has properties in the order of the manifest, and a list has them in alphabetical order.
    (applied / "all.yaml").write_text(yaml.dump_all(objects))
    refused = cluster.apply(objects, at, *how)
    check(f"{name}: applied by the {way}", not refused, refused)
    if refused:
        return
    (listed / "all.yaml").write_text(cluster.listed(applied, *(MANAGED if name == "node_ports" else shown)))
    code, text = cluster.meshsynth("diff", "--base", "applied", "--head", "listed", cwd=at)
    check(f"{name}: what the {way} applied is what is listed", code == 0 and "no changes" in text.splitlines(), text)
    if is_adopted:
        for source in ("applied", "listed"):
            code, text = cluster.meshsynth("adopt", source, "--into", f"from-{source}/shop", "--no-proof", cwd=at)
            check(f"{name}: what is {source} is adopted", code == 0, text)
        ours, others = (program(at / f"from-{source}" / "shop/src") for source in ("applied", "listed"))
        for file in sorted({*ours, *others}):
            check(f"{name}: {file} is the same of what the {way} applied and of what is listed", ours.get(file) == others.get(file),
                  "\n".join(difflib.unified_diff(*(str(it.get(file, "")).splitlines() for it in (ours, others)), lineterm="")))


def clusters(assembly):
    """Returns the clusters of a platform with their objects. Values that only a deployment knows are replaced by texts."""
    manifest = json.loads((assembly / "manifest.json").read_text())
    for cluster in manifest["clusters"]:
        texts = [(assembly / row["path"]).read_text() for row in cluster["objects"]]
        for output, value in [("SubnetId", "subnet-0"), ("GroupId", "sg-0")]:
            # A schema determines the format of these values.
            texts = [re.sub(rf"\$\{{[^}}]*\.{output}\}}", value, text) for text in texts]
        objects = [it for text in texts for it in yaml.load_all(text, yaml.CSafeLoader)]
        # A controller removes a token whose service account a release would install.
        yield f"{assembly.name}-{cluster['id']}", [it for it in objects if it.get("type") != "kubernetes.io/service-account-token"]


def without_chance(text):
    """Returns a list without values that differ between two runs."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "00000000-0000-0000-0000-000000000000", text)
    text = re.sub(r'(resourceVersion: )"\d+"', r'\1"1"', text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-01-01T00:00:00Z", text)
    return re.sub(r"(kube-api-access-)\w+", r"\1abcde", text)


def program(folder):
    """Returns the files of a program, with the parsed content of manifests."""
    files = {str(it.relative_to(folder)): it for it in folder.rglob("*") if it.is_file()}
    return {name: documents(it) if it.suffix == ".yaml" else it.read_text() for name, it in files.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True, help="what tests/tools/apiserver builds")
    parser.add_argument("--kubectl", required=True)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path, help="where the files stay")
    parser.add_argument("binary")
    parser.add_argument("assemblies", type=pathlib.Path, nargs="*")
    args = parser.parse_args()
    args.binary, args.kubectl = os.path.abspath(args.binary), os.path.abspath(args.kubectl)
    webhook = http.server.HTTPServer(("127.0.0.1", 0), NoWebhook)
    threading.Thread(target=webhook.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="meshsynth-listed-") as name:
        folder = args.keep or pathlib.Path(name)
        folder.mkdir(exist_ok=True)
        with Unscaled(args.server, name, list(WAYS), f"http://127.0.0.1:{webhook.server_port}") as plane:
            for way, server in zip(WAYS, plane.servers):
                cluster = Cluster(args, server)
                files = sorted(it for it in CASES.glob("*.yaml") if ".listed" not in it.name)
                for file in files:
                    # A program with another text is not the same program.
                    hold(cluster, way, file.stem, documents(file), folder, file.stem != "in_other_words")
                    listed = folder / f"{file.stem}-{way}/listed/all.yaml"
                    if args.record and way == "client" and listed.exists():
                        file.with_suffix(".listed.yaml").write_text(without_chance(listed.read_text()))
                for assembly in args.assemblies:
                    for one, objects in clusters(assembly):
                        install(server, objects)
                        hold(cluster, way, one, objects, folder, False)
    print(f"judged: {len(PASSED)} passed, {len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
