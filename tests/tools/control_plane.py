"""Local real API servers: etcd, kube-apiserver and kube-controller-manager, built by tests/tools/apiserver.

Every server is a separate cluster in one etcd, with its own ports, certificates and keys in a temporary folder. There are
no nodes and no kubelets.
"""

import base64
import http.client
import json
import pathlib
import socket
import ssl
import subprocess
import time

TOKEN = "the-test-itself"
# The controllers that need neither a cloud nor a node.
CONTROLLERS = [
    "cronjob-controller", "daemonset-controller", "deployment-controller", "disruption-controller",
    "endpointslice-controller", "garbage-collector-controller", "horizontal-pod-autoscaler-controller", "job-controller",
    "namespace-controller", "replicaset-controller", "root-ca-certificate-publisher-controller",
    "serviceaccount-controller", "serviceaccount-token-controller", "statefulset-controller",
]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Refused(Exception):
    """The response of an API server to a failed call."""

    def __init__(self, code, text):
        super().__init__(f"{code}: {text[:500]}")
        self.code = code


def has(object_, kind):
    """Whether a condition of an object is true."""
    rows = object_.get("status", {}).get("conditions") or []
    return any(it["type"] == kind and it["status"] == "True" for it in rows)


class Server:
    """One API server with its controllers."""

    def __init__(self, name, folder):
        self.name, self.folder, self.port = name, folder / name, free_port()
        self.folder.mkdir()
        self.kubeconfig = self.folder / "kubeconfig"

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    @property
    def authority(self):
        return base64.b64encode((self.folder / "apiserver.crt").read_bytes()).decode()

    def client(self):
        return Client(self)


class Client:
    """A connection to an API server. Each thread has its own connection."""

    def __init__(self, server):
        self.server, self.connection = server, None

    def call(self, method, path, body=None, kind="application/json"):
        for is_last in (False, True):
            if self.connection is None:
                context = ssl.create_default_context(cafile=str(self.server.folder / "apiserver.crt"))
                self.connection = http.client.HTTPSConnection("127.0.0.1", self.server.port, context=context, timeout=120)
            try:
                headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind}
                self.connection.request(method, path, body and json.dumps(body), headers)
                answer = self.connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                self.connection = None
                if is_last:
                    raise
                continue
            if answer.status == 429 and not is_last:
                # Its storage is not ready yet.
                time.sleep(2)
                continue
            if answer.status >= 300:
                raise Refused(answer.status, text.decode())
            return json.loads(text) if text[:1] == b"{" else text.decode()

    def get(self, path):
        """Returns a document, or None if it does not exist."""
        try:
            return self.call("GET", path)
        except Refused as refused:
            if refused.code == 404:
                return None
            raise

    def items(self, path):
        return (self.get(path) or {}).get("items", [])

    def kinds(self):
        """Returns all served kinds and versions as version, kind and path. The preferred version of a kind is last."""
        groups = self.get("/apis")["groups"]
        roots = ["/api/v1"] + [f"/apis/{it['groupVersion']}" for group in groups for it in reversed(group["versions"])]
        for root in roots:
            # A group disappears with its last kind.
            for row in (self.get(root) or {"resources": []})["resources"]:
                if "/" not in row["name"] and "list" in row["verbs"]:
                    yield root.removeprefix("/apis/").removeprefix("/api/"), row["kind"], f"{root}/{row['name']}"


class ControlPlane:
    """API servers as a context manager, which stops all of them at its end."""

    def __init__(self, program, folder, names, webhook):
        self.program, self.folder, self.webhook = str(program), pathlib.Path(folder), webhook
        self.processes = []
        self.servers = [Server(name, self.folder) for name in names]

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def start(self):
        key = self.folder / "accounts.key"
        key.write_bytes(subprocess.run([self.program, "key"], check=True, capture_output=True).stdout)
        (self.folder / "tokens.csv").write_text(f'{TOKEN},admin,admin,"system:masters"\n')
        store, peer = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
        self.run("etcd", "etcd", f"--data-dir={self.folder / 'etcd'}", f"--listen-client-urls={store}",
                 f"--advertise-client-urls={store}", f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
                 f"--initial-cluster=default={peer}", "--unsafe-no-fsync", "--log-level=error")
        who = self.folder / "who.kubeconfig"
        who.write_text(json.dumps(kubeconfig(self.webhook, {}, {})))
        for server in self.servers:
            self.run(f"{server.name}.apiserver", "apiserver", f"--etcd-servers={store}", f"--etcd-prefix=/{server.name}",
                     "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={server.port}",
                     f"--cert-dir={server.folder}", "--endpoint-reconciler-type=none",
                     "--service-cluster-ip-range=10.96.0.0/16", "--authorization-mode=RBAC", "--allow-privileged=true",
                     f"--token-auth-file={self.folder / 'tokens.csv'}", f"--authentication-token-webhook-config-file={who}",
                     "--authentication-token-webhook-version=v1", "--service-account-issuer=https://kubernetes.default.svc",
                     f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}")
        for server in self.servers:
            self.wait(server)
            cluster = {"certificate-authority-data": server.authority}
            server.kubeconfig.write_text(json.dumps(kubeconfig(server.url, cluster, {"token": TOKEN})))
            self.run(f"{server.name}.controllers", "controllers", f"--kubeconfig={server.kubeconfig}",
                     f"--controllers={','.join(CONTROLLERS)}", "--leader-elect=false", "--secure-port=0",
                     f"--service-account-private-key-file={key}", f"--root-ca-file={server.folder / 'apiserver.crt'}",
                     "--kube-api-qps=200", "--kube-api-burst=400")

    def run(self, name, *words):
        with open(self.folder / f"{name}.log", "wb") as log:
            # The process ends with its standard input, even if this script is killed.
            # The name of the program is the name of the field manager, so use the usual name.
            called = {"apiserver": "kube-apiserver", "controllers": "kube-controller-manager"}.get(words[0], "etcd")
            process = subprocess.Popen([called, *words], executable=self.program, stdin=subprocess.PIPE, stdout=log, stderr=log)
        self.processes.append((name, process))

    def wait(self, server):
        until = time.monotonic() + 180
        while time.monotonic() < until:
            for name, process in self.processes:
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended with {process.returncode}: {self.log(name)}")
            try:
                if server.client().get("/readyz") == "ok":
                    return
            except (OSError, Refused):
                pass
            time.sleep(0.2)
        raise RuntimeError(f"{server.name} does not become ready: {self.log(f'{server.name}.apiserver')}")

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]

    def end(self):
        for _, process in reversed(self.processes):
            process.kill()
        for _, process in self.processes:
            process.wait()


def kubeconfig(server, cluster, user):
    return {
        "apiVersion": "v1", "kind": "Config", "current-context": "one",
        "clusters": [{"name": "one", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "me", "user": user}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "me"}}],
    }
