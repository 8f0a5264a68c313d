"""Fake kubelets and fake controllers of Helm releases, as far as a deployment waits for them or reads their changes. Each one
writes the same fields with the same field manager as the real one.
"""

import datetime
import threading
import time

from control_plane import Refused, has


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(kind, reason="Played"):
    return {"type": kind, "status": "True", "reason": reason, "message": "as it should be", "lastTransitionTime": now()}


class Player:
    """Polls a cluster, and acts like its controllers."""

    def __init__(self, server):
        self.server, self.client, self.is_over = server, server.client(), threading.Event()
        self.failures, self.paths = [], {}
        self.thread = threading.Thread(target=self.play, daemon=True)

    def __enter__(self):
        self.client.call("POST", "/api/v1/nodes", {"metadata": {"name": "node-1"}})
        self.client.call("PATCH", "/api/v1/nodes/node-1/status", {"status": {"conditions": [condition("Ready")]}},
                         "application/merge-patch+json")
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()

    def play(self):
        seen = 0
        while not self.is_over.wait(0.3):
            if time.monotonic() > seen + 5:
                self.tried(self.look)
                seen = time.monotonic()
            for kind, path in self.paths.items():
                for object_ in self.tried(self.client.items, path) or []:
                    self.tried(self.one, kind, path, object_)

    def look(self):
        """Finds the paths of the kinds that the controllers manage."""
        self.paths = {kind: path for _, kind, path in self.client.kinds() if kind in PLAYED}
        # Two API groups have a kind Gateway.
        self.paths["Gateway"] = "/apis/gateway.networking.k8s.io/v1/gateways"

    def tried(self, work, *words):
        try:
            return work(*words)
        except Refused as refused:
            # The object was deleted or changed in the meantime, or its kind is new.
            if refused.code not in (404, 409, 429):
                self.failures.append(str(refused))
        except OSError as error:
            self.failures.append(str(error))
        return None

    def one(self, kind, path, object_):
        manager, finalizer, work = PLAYED[kind]
        meta = object_["metadata"]
        if meta.get("deletionTimestamp"):
            if finalizer and finalizer in meta.get("finalizers", []):
                self.patch(path, object_, {"metadata": {"finalizers": [it for it in meta["finalizers"] if it != finalizer]}}, manager)
            return
        if finalizer and finalizer not in meta.get("finalizers", []) and (kind != "Service" or is_balanced(object_)):
            self.patch(path, object_, {"metadata": {"finalizers": [*meta.get("finalizers", []), finalizer]}}, manager)
        work(self, path, object_, manager)

    def patch(self, path, object_, body, manager, subresource=""):
        meta = object_["metadata"]
        root, plural = path.rsplit("/", 1)
        space = f"/namespaces/{meta['namespace']}" if "namespace" in meta else ""
        at = f"{root}{space}/{plural}/{meta['name']}{subresource}?fieldManager={manager}"
        return self.client.call("PATCH", at, body, "application/merge-patch+json")


def ready(*kinds):
    """Marks an object as ready, once."""
    def work(player, path, object_, manager):
        if not all(has(object_, kind) for kind in kinds):
            player.patch(path, object_, {"status": {"conditions": [condition(kind) for kind in kinds]}}, manager, "/status")
    return work


def nothing(*_):
    pass


def is_balanced(service):
    return service["spec"].get("loadBalancerClass") == "service.k8s.aws/nlb"


def charts(player, _, object_, manager):
    """Creates the service account of Istio's chart, because its token is deleted otherwise."""
    at = "/api/v1/namespaces/istio-system/serviceaccounts"
    if object_["metadata"]["name"] == "istio-system" and not player.client.get(f"{at}/istio-reader-service-account"):
        player.client.call("POST", f"{at}?fieldManager={manager}", {"metadata": {"name": "istio-reader-service-account"}})


def pod(player, path, object_, manager):
    if has(object_, "Ready"):
        return
    containers = [{"name": it["name"], "image": it["image"], "imageID": "sha256:0", "ready": True, "restartCount": 0,
                   "state": {"running": {"startedAt": now()}}} for it in object_["spec"]["containers"]]
    status = {"phase": "Running", "startTime": now(), "containerStatuses": containers,
              "conditions": [condition(it) for it in ("PodScheduled", "Initialized", "ContainersReady", "Ready")]}
    player.patch(path, object_, {"status": status}, manager, "/status")


def balanced(player, path, object_, manager):
    if is_balanced(object_) and not object_["status"].get("loadBalancer"):
        status = {"loadBalancer": {"ingress": [{"hostname": f"{object_['metadata']['name']}.elb.example.com"}]}}
        player.patch(path, object_, {"status": status}, manager, "/status")


def ingress(player, path, object_, manager):
    if not object_["status"].get("loadBalancer"):
        status = {"loadBalancer": {"ingress": [{"hostname": "alb.example.com"}]}}
        player.patch(path, object_, {"status": status}, manager, "/status")


def scaled(player, path, object_, manager):
    """Creates the autoscaler of a ScaledObject, like KEDA."""
    name, space = object_["metadata"]["name"], object_["metadata"]["namespace"]
    if not has(object_, "Ready"):
        labels = {**object_["metadata"].get("labels", {}), "scaledobject.keda.sh/name": name}
        player.patch(path, object_, {"metadata": {"labels": labels}}, manager)
        spec = object_["spec"]
        target = {"apiVersion": "apps/v1", "kind": "Deployment", **spec["scaleTargetRef"]}
        target = {key: target[key] for key in ("apiVersion", "kind", "name")}
        owner = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": name,
                 "uid": object_["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}
        autoscaler = {"metadata": {"name": f"keda-hpa-{name}", "ownerReferences": [owner]}, "spec": {
            "scaleTargetRef": target, "minReplicas": max(spec.get("minReplicaCount", 1), 1),
            "maxReplicas": spec.get("maxReplicaCount", 100), "metrics": [{"type": "External", "external": {
                "metric": {"name": "s0"}, "target": {"type": "AverageValue", "averageValue": "5"}}}]}}
        try:
            at = f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers?fieldManager={manager}"
            player.client.call("POST", at, autoscaler)
        except Refused as refused:
            if refused.code != 409:
                raise
        status = {"conditions": [condition("Ready"), condition("Active")], "hpaName": f"keda-hpa-{name}"}
        player.patch(path, object_, {"status": status}, manager, "/status")


HASH = "6d4b75cb6d"


def rollout_condition(kind, reason="Played"):
    """Returns a condition of a Rollout, which also requires the time of the last update."""
    return {**condition(kind, reason), "lastUpdateTime": now()}


def rollout(player, path, object_, manager):
    """Marks the Services and routes of a rollout with the hash of its pods, and scales down the Deployment that it replaces, like
    Argo Rollouts. While a route of the rollout is missing, the rollout is invalid."""
    meta, spec, client = object_["metadata"], object_["spec"], player.client
    status, generation = object_.get("status", {}), str(meta["generation"])
    if status.get("observedGeneration") == generation and status.get("phase") == "Healthy":
        return
    istio = spec["strategy"].get("canary", {}).get("trafficRouting", {}).get("istio", {})
    found = {"destinationrules": [istio["destinationRule"]] if istio else [], "virtualservices": istio.get("virtualServices", [])}
    routes = []
    for plural, rows in found.items():
        for row in rows:
            name, _, space = row["name"].partition(".")
            at = f"/apis/networking.istio.io/v1/namespaces/{space or meta['namespace']}/{plural}/{name}"
            routes.append((at, row, client.get(at)))
    missing = [at for at, _, there in routes if there is None]
    if missing:
        wanted = {"phase": "Degraded", "observedGeneration": generation, "message": f"InvalidSpec: {missing[0]} not found",
                  "conditions": [rollout_condition("InvalidSpec", "InvalidSpec")]}
        if status.get("message") != wanted["message"]:
            player.patch(path, object_, {"status": wanted}, manager, "/status")
        return

    def write(at, body):
        client.call("PATCH", f"{at}?fieldManager={manager}", body, "application/merge-patch+json")

    mark = {"annotations": {"argo-rollouts.argoproj.io/managed-by-rollouts": meta["name"]}}
    if "workloadRef" in spec:
        at = f"/apis/apps/v1/namespaces/{meta['namespace']}/deployments/{spec['workloadRef']['name']}"
        write(at, {"spec": {"replicas": 0}})
    blue = spec["strategy"].get("blueGreen", {})
    for name in filter(None, (blue.get("activeService"), blue.get("previewService"))):
        at = f"/api/v1/namespaces/{meta['namespace']}/services/{name}"
        write(at, {"metadata": mark, "spec": {"selector": {"rollouts-pod-template-hash": HASH}}})
    for at, row, there in routes:
        for one in there["spec"].get("http", []):
            for part in one["route"] if one.get("name") in row["routes"] else []:
                part["weight"] = 2 if part["destination"]["subset"] == istio["destinationRule"]["canarySubsetName"] else 98
        for subset in there["spec"].get("subsets", []):
            subset.setdefault("labels", {})["rollouts-pod-template-hash"] = HASH
        is_rule = "subsets" in there["spec"]
        write(at, {"metadata": mark if is_rule else {}, "spec": there["spec"]})
    player.patch(path, object_, {"metadata": {"annotations": {"rollout.argoproj.io/revision": "1"}}}, manager)
    wanted = {"phase": "Healthy", "observedGeneration": generation, "currentPodHash": HASH, "stableRS": HASH, "message": "",
              "conditions": [rollout_condition("Healthy")]}
    player.patch(path, object_, {"status": wanted}, manager, "/status")


# The field manager, the finalizer that it sets on its objects, and its action.
PLAYED = {
    "Namespace": ("helm", None, charts),
    "Pod": ("kubelet", None, pod),
    "Service": ("controller", "service.k8s.aws/resources", balanced),
    "Ingress": ("controller", "ingress.k8s.aws/resources", ingress),
    "TargetGroupBinding": ("controller", "elbv2.k8s.aws/resources", nothing),
    "Gateway": ("pilot-discovery", None, ready("Accepted", "Programmed")),
    "ClusterIssuer": ("cert-manager-clusterissuers", None, ready("Ready")),
    "Certificate": ("cert-manager-certificates-readiness", None, ready("Ready")),
    "SecretStore": ("external-secrets", None, ready("Ready")),
    "ExternalSecret": ("external-secrets", None, ready("Ready")),
    "PushSecret": ("external-secrets", None, ready("Ready")),
    "ClusterTriggerAuthentication": ("keda", "finalizer.keda.sh", nothing),
    "TriggerAuthentication": ("keda", "finalizer.keda.sh", nothing),
    "ScaledJob": ("keda", "finalizer.keda.sh", ready("Ready")),
    "ScaledObject": ("keda", "finalizer.keda.sh", scaled),
    "Rollout": ("rollouts-controller", None, rollout),
}
