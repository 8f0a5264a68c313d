"""Deploys a cluster with the real binary and the real Helm to a fake API server, and removes it again.

The server stores objects in memory. It supports server-side apply, Helm's releases in Secrets, and waiting. A release
is installed with its chart pinned, left unchanged, changed, found pending and recovered, and removed.
"""

import argparse
import base64
import copy
import gzip
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

PASSED, FAILED = [], []
CORE = {"namespaces": ("Namespace", False), "configmaps": ("ConfigMap", True), "secrets": ("Secret", True),
        "services": ("Service", True), "pods": ("Pod", True)}


def check(name, holds, text=""):
    (PASSED if holds else FAILED).append(name)
    if not holds:
        print(f"FAILED {name}\n{str(text)[:3000]}")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.objects, self.calls, self.version, self.lock = {}, [], 1, threading.RLock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, path, value):
        self.version += 1
        meta = value.setdefault("metadata", {})
        meta.setdefault("uid", f"uid-{self.version}")
        meta.setdefault("creationTimestamp", "2026-11-21T00:00:00Z")
        meta["resourceVersion"] = str(self.version)
        if value.get("kind") == "Namespace":
            value["status"] = {"phase": "Active"}
        self.objects[path] = value
        return value


def merged(old, new):
    if isinstance(old, dict) and isinstance(new, dict):
        out = dict(old)
        for key, value in new.items():
            if value is None:
                out.pop(key, None)
            else:
                out[key] = merged(old.get(key), value)
        return out
    return new


def record(new, manager, applied):
    """Records the fields that a manager applied, like the real server for maps."""
    def owned(value):
        return {f"f:{key}": owned(inner) for key, inner in value.items()} if isinstance(value, dict) else {}

    fields = owned({**applied, "metadata": {key: value for key, value in applied["metadata"].items() if key not in ("name", "namespace")}})
    for key in ("f:apiVersion", "f:kind"):
        fields.pop(key, None)
    kept = [row for row in new["metadata"].get("managedFields", []) if row["manager"] != manager]
    new["metadata"]["managedFields"] = [*kept, {
        "manager": manager, "operation": "Apply", "apiVersion": new["apiVersion"], "time": "2026-11-21T00:00:00Z",
        "fieldsType": "FieldsV1", "fieldsV1": fields}]


def fields(data):
    """Returns the fields of a protobuf message as number and value. Length-delimited values are texts."""
    at = 0

    def varint():
        nonlocal at
        out = shift = 0
        while True:
            byte = data[at]
            at, out, shift = at + 1, out | (byte & 127) << shift, shift + 7
            if byte < 128:
                return out

    while at < len(data):
        key = varint()
        if key & 7 == 2:
            size = varint()
            yield key >> 3, data[at:at + size]
            at += size
        else:
            yield key >> 3, varint()


def secret(body):
    """Decodes the Secrets of Helm, which are protobuf: the envelope of Kubernetes, then a Secret."""
    raw = dict(fields(body[4:]))[2]
    pair = lambda message: (dict(fields(message))[1].decode(), dict(fields(message))[2])
    out = {"apiVersion": "v1", "kind": "Secret", "metadata": {"labels": {}}, "data": {}}
    for number, value in fields(raw):
        if number == 1:
            for inner, text in fields(value):
                if inner in (1, 3, 5) and text:
                    out["metadata"][{1: "name", 3: "namespace", 5: "uid"}[inner]] = text.decode()
                if inner == 11:
                    key, label = pair(text)
                    out["metadata"]["labels"][key] = label.decode()
        if number == 2:
            key, data = pair(value)
            out["data"][key] = base64.b64encode(data).decode()
        if number == 3:
            out["type"] = value.decode()
    return out


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, code, value):
        text = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def status(self, code, reason):
        self.say(code, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": reason,
                        "code": code, "message": f"{self.path}: {reason}"})

    def go(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query))
        with self.server.lock:
            self.server.calls.append(f"{self.command} {path}")
        value = secret(body) if body[:4] == b"k8s\0" else json.loads(body) if body[:1] == b"{" else None
        if query.get("sendInitialEvents"):
            # Older servers list first, and clients support that.
            return self.status(422, "Invalid")
        if query.get("watch") in ("true", "1"):
            # Objects do not change on this server without requests.
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Connection", "close")
            self.end_headers()
            time.sleep(min(float(query.get("timeoutSeconds", 2)), 2))
            self.close_connection = True
            return
        with self.server.lock:
            self.answer(path.rstrip("/"), query, value)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = go

    def answer(self, path, query, value):
        objects = self.server.objects
        fixed = {
            "/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.0"},
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
            # The server announces that it validates fields.
            "/openapi/v3": {"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1"}}},
            "/openapi/v3/api/v1": {"openapi": "3.0.0", "info": {"title": "core", "version": "v1"}, "paths": {
                f"/api/v1/{name}/{{name}}": {"patch": {
                    "parameters": [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}],
                    "responses": {"200": {"description": "fine"}},
                    "x-kubernetes-group-version-kind": {"group": "", "version": "v1", "kind": kind}}}
                for name, (kind, _) in CORE.items()}},
            "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [
                {"name": name, "kind": kind, "namespaced": is_in, "singularName": kind.lower(),
                 "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"]}
                for name, (kind, is_in) in CORE.items()]},
        }
        if self.command == "GET" and path in fixed:
            return self.say(200, fixed[path])
        if self.command == "POST":
            path = f"{path}/{value['metadata']['name']}"
            if path in objects:
                return self.status(409, "AlreadyExists")
            return self.say(201, self.server.put(path, value))
        plural = path.rsplit("/", 1)[1]
        if self.command == "GET" and plural in CORE:
            wanted = [part.split("=") for part in query.get("labelSelector", "").split(",") if "=" in part]
            fields = [part.split("=") for part in query.get("fieldSelector", "").split(",") if "=" in part]
            items = [it for key, it in sorted(objects.items()) if key.rsplit("/", 2)[1] == plural
                     and key.startswith(path.rsplit("/", 1)[0])
                     and all(it["metadata"].get("labels", {}).get(key) == label for key, label in wanted)
                     and all(field != "metadata.name" or it["metadata"]["name"] == name for field, name in fields)]
            return self.say(200, {"kind": f"{CORE[plural][0]}List", "apiVersion": "v1",
                                  "metadata": {"resourceVersion": str(self.server.version)}, "items": items})
        old = objects.get(path)
        if self.command in ("GET", "DELETE", "PUT") and old is None:
            return self.status(404, "NotFound")
        if self.command == "GET":
            return self.say(200, old)
        if self.command == "DELETE":
            del objects[path]
            return self.say(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})
        if self.command == "PUT":
            return self.say(200, self.server.put(path, value))
        new = merged(copy.deepcopy(old or {}), value)
        if query.get("fieldManager"):
            record(new, query["fieldManager"], value)
        if query.get("dryRun"):
            return self.say(200, new)
        same = old is not None and {**new, "metadata": {**new["metadata"], "resourceVersion": ""}} == {
            **old, "metadata": {**old["metadata"], "resourceVersion": ""}}
        return self.say(200, old if same else self.server.put(path, new))


def write(folder, greeting):
    """Writes an assembly with one cluster and no stack, and the chart of its release."""
    chart = folder / "echo"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: echo\nversion: 1.2.3\n")
    (chart / "templates/settings.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-settings\ndata:\n  greeting: {{ .Values.greeting | quote }}\n")
    assembly = folder / "synth.out/shop"
    shutil.rmtree(assembly, ignore_errors=True)
    files = {
        "k8s/run/00-namespaces/namespace-shop.yaml": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
        "k8s/run/30-configuration/configmap-orders.yaml": {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "orders", "namespace": "shop"}, "data": {"a": "1"}},
        "helm/run/echo.values.yaml": {"greeting": greeting},
    }
    place = {"construct": "run/echo", "source": "src/main.rs:7:5"}
    manifest = {"format_version": 1, "app": "shop", "stacks": [], "files": list(files), "clusters": [{
        "id": "run", "name": "run", "account": None, "region": None, "needs": [],
        "objects": [{"path": path, **place} for path in files if path.startswith("k8s/")],
        "releases": [{"name": "echo", "namespace": "shop", "chart": str(chart), "version": "1.2.3", "repository": "",
                      "after": [], "values": "helm/run/echo.values.yaml", **place}]}]}
    for path, value in {**files, "manifest.json": manifest, "bindings.json": {}, "graph.json": {}, "diagnostics.json": []}.items():
        (assembly / path).parent.mkdir(parents=True, exist_ok=True)
        (assembly / path).write_text(json.dumps(value))
    program = 'cp -R synth.out/shop/. "$MESHSYNTH_OUT"'
    (folder / "meshsynth.toml").write_text(f"[apps.shop]\nrun = ['sh', '-c', '{program}']\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("helm")
    args = parser.parse_args()
    server = Server()
    with tempfile.TemporaryDirectory(prefix="meshsynth-cluster-") as name:
        walk(server, pathlib.Path(name), os.path.abspath(args.binary), os.path.abspath(args.helm))
    print(f"judged: {len(PASSED)} passed, {len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


def walk(server, folder, binary, helm):
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "one",
        "clusters": [{"name": "one", "cluster": {"server": server.url}}],
        "users": [{"name": "me", "user": {"token": "not a secret"}}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "me"}}]}))
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "HELM_", "KUBE"))}
    environment = {**keep, "HOME": str(folder), "NO_COLOR": "1"}

    def run(*words):
        words = [*words, "--kubeconfig", str(kubeconfig)] + (["--helm", helm] if words[0] != "drift" else [])
        done = subprocess.run([binary, *words], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        return done.returncode, done.stdout

    def settings():
        return server.objects.get("/api/v1/namespaces/shop/configmaps/echo-settings", {}).get("data")

    def revisions():
        return sorted(path.rsplit("/", 1)[1] for path in server.objects if "/secrets/sh.helm.release.v1.echo." in path)

    deploy = ("deploy", "shop", "--require-approval", "never")
    write(folder, "hello")
    code, text = run(*deploy)
    check("objects are applied and a release is installed", code == 0 and settings() == {"greeting": "hello"}, text)
    check("its chart is pinned", "installed to" in text and "1.2.3" in text, text)
    check("nothing that Helm read is left", not list((folder / "synth.out/.deploy/shop").glob("*.yaml")))
    code, text = run(*deploy)
    check("a second run leaves it alone", code == 0 and "no changes" in text and len(revisions()) == 1, text)
    write(folder, "good day")
    code, text = run(*deploy)
    check("other values are an upgrade", code == 0 and settings() == {"greeting": "good day"} and len(revisions()) == 2, text)
    pend(server, revisions()[-1])
    write(folder, "good night")
    code, text = run(*deploy)
    check("a pending release is recovered", code == 0 and "after an interrupted run" in text, text)
    check("and has what it should have", settings() == {"greeting": "good night"}, text)
    code, text = run("drift", "shop")
    check("nothing differs", code == 0, text)
    orders = server.objects["/api/v1/namespaces/shop/configmaps/orders"]
    orders["data"] = {"a": "2"}
    ours = next(row for row in orders["metadata"]["managedFields"] if row["manager"] == "meshsynth")
    del ours["fieldsV1"]["f:data"]["f:a"]
    orders["metadata"]["managedFields"].append({
        "manager": "kubectl-edit", "operation": "Update", "apiVersion": "v1", "time": "2026-11-22T00:00:00Z",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {"f:a": {}}}})
    code, text = run("drift", "shop")
    check("an edit by hand is told", code == 1 and "data.a changed by `kubectl-edit`" in text, text)
    code, text = run("destroy", "shop", "--yes")
    check("everything is taken away", code == 0 and not server.objects, f"{text}\n{list(server.objects)}")


def pend(server, name):
    """Changes a release to the state after an interrupted upgrade: its newest revision is pending."""
    path = f"/api/v1/namespaces/shop/secrets/{name}"
    secret = copy.deepcopy(server.objects[path])
    number = int(name.rsplit("v", 1)[1]) + 1
    release = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secret["data"]["release"]))))
    release["info"]["status"], release["version"] = "pending-upgrade", number
    secret["data"]["release"] = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(release).encode()))).decode()
    secret["metadata"] = {**secret["metadata"], "name": f"{name.rsplit('v', 1)[0]}v{number}", "uid": "uid-pending",
                          "labels": {**secret["metadata"]["labels"], "status": "pending-upgrade", "version": str(number)}}
    server.put(path.rsplit("v", 1)[0] + f"v{number}", secret)


if __name__ == "__main__":
    main()
