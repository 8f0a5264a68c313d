"""Deploys every platform with the real binary to real API servers, finds no changes, edits objects manually, and destroys it.

The deployment finds clusters with EKS and uses EKS tokens, as in production. CloudFormation, EKS and Helm are fakes. The API
server, its defaults, validation, field managers and controllers are those of Kubernetes.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import yaml

from aws_stand_in import Aws
from control_plane import ControlPlane
from custom_kinds import install
from hand_edits import EDITS
from played import Player

HERE = pathlib.Path(__file__).resolve().parent
PASSED, FAILED = [], []


def check(name, holds, text=""):
    (PASSED if holds else FAILED).append(name)
    if not holds:
        print(f"FAILED {name}\n{str(text)[-4000:]}", flush=True)
    return holds


class Platform:
    """An assembly in a separate project, with its clusters."""

    def __init__(self, args, assembly, aws, servers, folder):
        self.manifest = json.loads((assembly / "manifest.json").read_text())
        self.app, self.args, self.folder = self.manifest["app"], args, folder / assembly.name
        self.output = self.folder / "synth.out" / self.app
        shutil.copytree(assembly, self.output)
        (self.folder / "meshsynth.toml").write_text(f'[apps.{self.app}]\nrun = ["true"]\n')
        self.helm = self.folder / "helm"
        self.helm.write_text(f'#!/bin/sh\nexec "{sys.executable}" -E -S "{HERE / "helm_stand_in.py"}" "$@"\n')
        self.helm.chmod(0o755)
        self.servers = dict(zip((it["id"] for it in self.manifest["clusters"]), servers))
        aws.stacks.clear(), aws.clusters.clear(), aws.objects.clear()
        for cluster in self.manifest["clusters"]:
            aws.clusters[cluster["region"], cluster["name"]] = self.servers[cluster["id"]]
        keep = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "HELM_", "KUBE"))}
        self.environment = {
            **keep, "HOME": str(self.folder), "NO_COLOR": "1", "AWS_ENDPOINT_URL": aws.url, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true", "HELM_STAND_IN": str(self.folder)}

    def objects(self, cluster):
        """Returns the synthesized objects of a cluster."""
        return [yaml.load((self.output / it["path"]).read_text(), yaml.CSafeLoader) for it in cluster["objects"]]

    def run(self, verb, *words):
        begin = time.monotonic()
        if verb in ("deploy", "destroy", "diff"):
            words = (*words, "--helm", str(self.helm))
        done = subprocess.run([self.args.binary, verb, self.app, *words], cwd=self.folder, env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=1800)
        print(f"    {self.app}: {verb}: {time.monotonic() - begin:.0f} s", flush=True)
        return done.returncode, done.stdout

    def kubectl(self, server, *words):
        done = subprocess.run([self.args.kubectl, "--kubeconfig", str(server.kubeconfig), *words], text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment)
        return done.returncode, done.stdout


def ours(server, app):
    """Returns every object with our label."""
    client = server.client()
    selector = f"?labelSelector=meshsynth/app%3D{app}"
    return {f"{kind} {it['metadata'].get('namespace', '')}/{it['metadata']['name']}"
            for _, kind, path in client.kinds() for it in client.items(path + selector)}


# The kinds that no controller changes.
CALM = ("ConfigMap", "Secret", "ServiceAccount", "Role", "RoleBinding", "NetworkPolicy")


class Foreign:
    """A namespace, objects with the fields of the platform, and a release of another team in each cluster."""

    def __init__(self, platform):
        self.platform, self.namespace = platform, f"team-{platform.app}"
        for cluster in platform.manifest["clusters"]:
            server, objects = platform.servers[cluster["id"]], [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}]
            for it in platform.objects(cluster):
                if it["kind"] in CALM and it["metadata"].get("namespace"):
                    labels = {key: value for key, value in it["metadata"].get("labels", {}).items() if not key.startswith("meshsynth/")}
                    name = f"{it['metadata']['namespace']}-{it['metadata']['name']}"
                    objects.append({**it, "metadata": {"name": name, "namespace": self.namespace, "labels": labels}})
            file = platform.folder / "foreign.json"
            file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
            code, text = platform.kubectl(server, "apply", "-f", str(file))
            check(f"{platform.app}: {cluster['id']}: another team has {len(objects)} objects", code == 0 and len(objects) > 1, text)
            self.helm(server).write_text(json.dumps({f"{self.namespace}/other": {"chart": "other-1.0.0", "values": {"theirs": 1}, "labels": {}}}))
        self.before = self.state()

    def helm(self, server):
        return self.platform.folder / f"{server.url.rsplit(':', 1)[1]}.json"

    def state(self):
        out = {}
        for id_, server in self.platform.servers.items():
            code, text = self.platform.kubectl(server, "get", ",".join(CALM), "-n", self.namespace, "-o", "json", "--show-managed-fields")
            items = json.loads(text)["items"] if code == 0 else text
            out[id_] = {f"{it['kind']}/{it['metadata']['name']}": it["metadata"]["resourceVersion"] for it in items} if code == 0 else items
            out[id_, "release"] = json.loads(self.helm(server).read_text()).get(f"{self.namespace}/other")
            code, text = self.platform.kubectl(server, "get", "namespace", self.namespace, "-o", "jsonpath={.status.phase}")
            out[id_, "namespace"] = text
        return out

    def check(self, when):
        now = self.state()
        differing = {key: (self.before[key], now.get(key)) for key in self.before if self.before[key] != now.get(key)}
        check(f"{self.platform.app}: {when}, the parts of another team are untouched", not differing, differing)

    def leave(self):
        for server in self.platform.servers.values():
            self.platform.kubectl(server, "delete", "namespace", self.namespace, "--wait=false")


def taken_and_pruned(platform, foreign):
    """Another team creates an object of the program again. It is not taken over without an approval, and not pruned."""
    app, cluster = platform.app, platform.manifest["clusters"][0]
    server = platform.servers[cluster["id"]]
    rows = list(zip(cluster["objects"], platform.objects(cluster)))
    # The values of placeholders are known only to the deployment.
    kinds = ("ConfigMap", "NetworkPolicy", "Role", "ServiceAccount")
    is_calm = lambda it: it["kind"] in kinds and it["metadata"].get("namespace") and "${" not in json.dumps(it)
    calm = [(row, it) for row, it in rows if is_calm(it)]
    if not check(f"{app}: has two objects to take and to prune", len(calm) >= 2, calm):
        return
    (taken_row, taken), (pruned_row, pruned) = calm[0], calm[-1]
    place = lambda it: (it["kind"].lower(), it["metadata"]["name"], "-n", it["metadata"]["namespace"])
    platform.kubectl(server, "delete", *place(taken))
    body = {**taken, "metadata": {key: value for key, value in taken["metadata"].items() if key != "labels"}}
    file = platform.folder / "taken.json"
    file.write_text(json.dumps(body))
    code, text = platform.kubectl(server, "create", "-f", str(file))
    check(f"{app}: another team creates an object with equal fields", code == 0, text)
    version = lambda: platform.kubectl(server, "get", *place(taken), "-o", "jsonpath={.metadata.uid}/{.metadata.resourceVersion}")[1]
    before = version()
    code, text = platform.run("deploy", "--no-synth")
    check(f"{app}: a deployment reports the takeover and requires an approval",
          code != 0 and "takes over" in text and taken["metadata"]["name"] in text and "pending approval" in text, text)
    check(f"{app}: the object is untouched", version() == before, (before, version()))
    # The program no longer contains both objects.
    path = platform.output / "manifest.json"
    manifest = json.loads(path.read_text())
    gone = {taken_row["path"], pruned_row["path"]}
    manifest["files"] = [it for it in manifest["files"] if it not in gone]
    for it in manifest["clusters"]:
        it["objects"] = [row for row in it["objects"] if row["path"] not in gone]
    path.write_text(json.dumps(manifest))
    code, text = platform.run("deploy", "--no-synth", "--require-approval", "never")
    check(f"{app}: a deployment that prunes", code == 0 and "1 pruned" in text, text)
    check(f"{app}: the object of another team is not pruned", version() == before, (before, version()))
    code, text = platform.kubectl(server, "get", *place(pruned))
    check(f"{app}: our object is pruned", code != 0 and "NotFound" in text, text)
    platform.kubectl(server, "delete", *place(taken))
    foreign.check("after a prune")


def walk(platform):
    app = platform.app
    foreign = Foreign(platform)
    deploy = ("deploy", "--no-synth", "--require-approval", "never")
    code, text = platform.run(*deploy)
    if not check(f"{app}: deployed", code == 0, text):
        return
    for cluster in platform.manifest["clusters"]:
        server = platform.servers[cluster["id"]]
        n_there = len(ours(server, app))
        # The inventory of applied objects is an object, too.
        check(f"{app}: {cluster['id']} has all its objects", n_there >= len(cluster["objects"]) + 1, n_there)
    settle(platform)
    nothing_to_do(platform, "after the deployment")
    by_hand(platform)
    foreign.check("after deployments")
    taken_and_pruned(platform, foreign)
    code, text = platform.run("destroy", "--yes")
    check(f"{app}: destroyed", code == 0, text)
    foreign.check("after a destroy")
    for id_, server in platform.servers.items():
        left = ours(server, app)
        check(f"{app}: nothing of ours is left in {id_}", not left, left)
    foreign.leave()


def settle(platform):
    """Waits until controllers stop writing."""
    last, now = None, states(platform, lambda it: it["metadata"]["resourceVersion"])
    for _ in range(20):
        if now == last:
            return
        time.sleep(1)
        last, now = now, states(platform, lambda it: it["metadata"]["resourceVersion"])


def nothing_to_do(platform, when):
    app = platform.app
    code, text = platform.run("diff", "--base", "deployed", "--head", f"synth.out/{app}", "--exit-code")
    check(f"{app}: {when}, diff finds no changes", code == 0 and "no changes" in text, text)
    code, text = platform.run("drift")
    check(f"{app}: {when}, drift finds nothing", code == 0, text)
    before = states(platform, written)
    code, text = platform.run("deploy", "--no-synth", "--require-approval", "never", "--json")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    reached = [line for line in lines if line["event"] == "reached" and not line["name"].startswith("release")]
    check(f"{app}: {when}, a deployment succeeds", code == 0, text)
    others = [line for line in reached if line["state"] != "unchanged"]
    n_objects = sum(len(it["objects"]) for it in platform.manifest["clusters"])
    check(f"{app}: {when}, a deployment says of {n_objects} objects that they are unchanged",
          len(reached) >= n_objects and not others, others or lines)
    after = states(platform, written)
    check(f"{app}: {when}, a deployment writes no field", before == after,
          [key for key in before if before[key] != after.get(key)])


def written(object_):
    """Returns the time and fields of our last write, because controllers such as autoscalers write at any time. We also become
    owners of a list that a controller changes when we apply it again unchanged, so its content is compared."""
    if "meshsynth/yields" in object_["metadata"].get("annotations", {}):
        return object_["spec"]
    return [it for it in object_["metadata"].get("managedFields", []) if it["manager"] == "meshsynth"]


def states(platform, part):
    """Returns a part of every object whose kind we manage."""
    out = {}
    for cluster in platform.manifest["clusters"]:
        server = platform.servers[cluster["id"]]
        client = server.client()
        kinds = {(version, kind): path for version, kind, path in client.kinds()}
        for version, kind in {(it["apiVersion"], it["kind"]) for it in platform.objects(cluster)}:
            for it in client.items(kinds[version, kind]):
                out[cluster["id"], kind, it["metadata"].get("namespace"), it["metadata"]["name"]] = part(it)
    return out


def edit_by_hand(platform, cluster):
    """Makes manual edits, each on a separate object if there are enough. Returns the expected report of each edit."""
    name, server, objects = f"{platform.app}: {cluster['id']}", platform.servers[cluster["id"]], platform.objects(cluster)
    done, used = [], set()
    for edit in EDITS:
        made = edit.words(objects, used)
        if made is None:
            continue
        target, words, path, managers = made
        code, text = platform.kubectl(server, *words)
        if check(f"{name}: {edit.name}: kubectl does it", code == 0, f"{words}\n{text}"):
            done.append((edit.name, target, path, managers))
    check(f"{name}: edits of ten kinds", len(done) >= 10, done)
    return done


def is_told(found, target, path, managers):
    """Whether the report contains a deleted object (without a path), or a changed field with its manager."""
    rows = [it for it in found if it["name"] == target]
    if path is None:
        return [it["status"] for it in rows] == ["DELETED"]
    fields = [field for it in rows for field in it["fields"] if field["path"].startswith(path)]
    return any({by["manager"] for by in field["by"]} == managers for field in fields)


def by_hand(platform):
    """Checks that one status reports all edits, and that one deployment with takeover of fields reverts them."""
    app = platform.app
    edits = {cluster["id"]: edit_by_hand(platform, cluster) for cluster in platform.manifest["clusters"]}
    code, text = platform.run("drift", "--json")
    check(f"{app}: drift ends with 1", code == 1, text)
    found = json.loads(text[text.index("{"):text.rindex("}") + 1])["clusters"] if "{" in text else {}
    for id_, done in edits.items():
        rows = found.get(id_, [])
        for name, target, path, managers in done:
            holds = is_told(rows, target, path, managers)
            check(f"{app}: {id_}: {name}: told by drift", holds, (target, path, managers, rows))
        told, wanted = {it["name"] for it in rows}, {target for _, target, *_ in done}
        check(f"{app}: {id_}: drift tells nothing else", told == wanted, told ^ wanted)
    code, text = platform.run("deploy", "--no-synth", "--require-approval", "never", "--force-conflicts")
    check(f"{app}: a deployment over the edits", code == 0, text)
    settle(platform)
    code, text = platform.run("drift")
    check(f"{app}: every edit is undone", code == 0, text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True, help="what tests/tools/apiserver builds")
    parser.add_argument("--kubectl", required=True)
    parser.add_argument("binary")
    parser.add_argument("assemblies", type=pathlib.Path, nargs="+")
    args = parser.parse_args()
    # Stop all started processes in any case.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    args.binary, args.kubectl = os.path.abspath(args.binary), os.path.abspath(args.kubectl)
    manifests = [json.loads((it / "manifest.json").read_text()) for it in args.assemblies]
    n_servers = max(len(it["clusters"]) for it in manifests)
    begin, aws = time.monotonic(), Aws()
    with tempfile.TemporaryDirectory(prefix="meshsynth-real-") as name:
        folder = pathlib.Path(name)
        with ControlPlane(args.server, folder, [f"c{n}" for n in range(n_servers)], f"{aws.url}/who") as plane:
            print(f"{n_servers} API servers after {time.monotonic() - begin:.0f} s", flush=True)
            players = [Player(server) for server in plane.servers]
            for player in players:
                player.__enter__()
            for assembly in args.assemblies:
                at = time.monotonic()
                platform = Platform(args, assembly, aws, plane.servers, folder)
                for cluster in platform.manifest["clusters"]:
                    install(platform.servers[cluster["id"]], platform.objects(cluster))
                walk(platform)
                print(f"{platform.app}: {time.monotonic() - at:.0f} s", flush=True)
            for player in players:
                player.__exit__()
                check(f"{player.server.name}: whoever is played fails in nothing", not player.failures, player.failures[:5])
    print(f"judged: {len(PASSED)} passed, {len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


main()
