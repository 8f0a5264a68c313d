"""The input of istiod for an assembly: its objects, the pods of its workloads, and the objects of charts."""

import json
import re

import yaml

# The ports that the gateway chart opens for a network, and for other gateways, according to its `values.yaml`.
BETWEEN_NETWORKS = {"status-port": 15021, "tls": 15443, "tls-istiod": 15012, "tls-webhook": 15017}
DEFAULTS = {"status-port": 15021, "http2": 80, "https": 443}


class Cluster:
    """The istiod view of a cluster in an assembly."""

    def __init__(self, folder, cluster, idx):
        self.id, self.region, self.idx, self.n_pods = cluster["id"], cluster["region"] or "us-east-1", idx, 0
        objects = [yaml.load(filled((folder / it["path"]).read_text()), yaml.CSafeLoader) for it in cluster["objects"] if it["kind"] != "CustomResourceDefinition"]
        self.releases = {it["name"]: (it, values(folder, it)) for it in cluster["releases"]}
        istiod = [it for name, it in self.releases.items() if it[0]["chart"] == "istiod"]
        self.has_mesh = bool(istiod)
        self.settings = istiod[0][1] if istiod else {}
        own = self.settings.get("global", {})
        self.name = own.get("multiCluster", {}).get("clusterName") or "Kubernetes"
        self.network = own.get("network", "")
        self.is_ambient = any(it[0]["chart"] == "ztunnel" for it in self.releases.values())
        self.objects, self.pods = objects, {}
        self.objects.append(self.node())
        for it in list(objects):
            self.run(it)
        if self.is_ambient:
            # Pods do not have their own proxies.
            self.pods.clear()
        for release, its in self.releases.values():
            if release["chart"] == "gateway":
                self.gateway(release, its)
        for it in list(objects):
            if it["kind"] == "Gateway" and it["apiVersion"].startswith("gateway.networking.k8s.io/"):
                self.managed(it)
        for it in list(self.objects):
            if it["kind"] == "Service":
                self.answer(it)

    def node(self):
        labels = {"topology.kubernetes.io/region": self.region, "topology.kubernetes.io/zone": f"{self.region}a"}
        return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node", "labels": labels}}

    def run(self, it):
        """Adds a pod of a workload object."""
        spec = it.get("spec") or {}
        template = spec.get("template")
        # A Rollout that refers to a Deployment uses its pods.
        if it["kind"] not in ("Deployment", "StatefulSet", "DaemonSet", "Rollout") or template is None:
            return
        meta, pod = template.get("metadata", {}), template["spec"]
        self.pod(it["metadata"]["name"], it["metadata"]["namespace"], meta.get("labels", {}), pod.get("serviceAccountName", "default"), pod["containers"], "sidecar")

    def pod(self, name, namespace, labels, account, containers, role):
        self.n_pods += 1
        address = f"10.{self.idx}.0.{self.n_pods}"
        labels = {**labels, "security.istio.io/tlsMode": "istio"}
        if self.network:
            labels["topology.istio.io/network"] = self.network
        self.objects.append({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {"serviceAccountName": account, "nodeName": "node",
                     "containers": [{"name": it.get("name", "app"), "image": "none", "ports": it.get("ports", [])} for it in containers]},
            "status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}],
                       "conditions": [{"type": "Ready", "status": "True"}]}})
        self.pods[f"{namespace}/{name}"] = {
            "type": role, "namespace": namespace, "address": address, "account": account, "cluster": self.name,
            "network": self.network, "labels": labels}

    def gateway(self, release, its):
        """Adds the objects that the gateway chart creates for a release: a pod and a service."""
        name, namespace = release["name"], release["namespace"]
        labels = {"app": name, "istio": name.removeprefix("istio-"), **its.get("labels", {})}
        service, network = its.get("service", {}), its.get("networkGateway", "")
        ports = service.get("ports") or [{"name": key, "port": port} for key, port in (BETWEEN_NETWORKS if network else DEFAULTS).items()]
        self.pod(name, namespace, labels, name, [{"name": "istio-proxy"}], "router")
        meta = {"name": name, "namespace": namespace, "labels": dict(labels)}
        if network:
            meta["labels"]["topology.istio.io/network"] = network
            self.pods[f"{namespace}/{name}"]["view"] = network
        status = {"loadBalancer": {"ingress": [{"ip": f"192.0.2.{self.idx}"}]}} if network else {}
        spec = {"type": service.get("type", "LoadBalancer"), "selector": labels, "ports": [{"protocol": "TCP", **it} for it in ports]}
        self.objects.append({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec, "status": status})

    def managed(self, it):
        """Adds the objects that istiod creates for a Gateway API gateway: a pod, a service and an address."""
        spec, meta = it["spec"], it["metadata"]
        is_waypoint = spec["gatewayClassName"] == "istio-waypoint"
        name = meta["name"] if is_waypoint else f"{meta['name']}-{spec['gatewayClassName']}"
        labels = {"gateway.networking.k8s.io/gateway-name": meta["name"], "gateway.networking.k8s.io/gateway-class-name": spec["gatewayClassName"]}
        self.pod(name, meta["namespace"], labels, name, [{"name": "istio-proxy"}], "waypoint" if is_waypoint else "router")
        ports = [{"name": each["name"], "port": each["port"], "protocol": "TCP"} for each in spec["listeners"]]
        self.objects.append({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": meta["namespace"], "labels": dict(labels)},
                             "spec": {"type": "ClusterIP" if is_waypoint else "LoadBalancer", "ports": ports,
                                      "selector": {"gateway.networking.k8s.io/gateway-name": meta["name"]}}})
        it["status"] = {"addresses": [{"type": "Hostname", "value": f"{name}.{meta['namespace']}.svc.cluster.local"}]}

    def answer(self, service):
        """Adds the endpoints of a service, and its address."""
        spec, meta = service["spec"], service["metadata"]
        if not spec.get("clusterIP"):
            spec["clusterIP"] = f"172.20.{self.idx}.{sum(it['kind'] == 'EndpointSlice' for it in self.objects) + 1}"
        if not spec.get("selector"):
            return
        def chosen(it):
            labels = it["metadata"].get("labels", {})
            return it["kind"] == "Pod" and it["metadata"]["namespace"] == meta["namespace"] and spec["selector"].items() <= labels.items()
        pods = [it for it in self.objects if chosen(it)]
        ports = [{"name": it.get("name", ""), "port": number(it, pods), "protocol": it.get("protocol", "TCP")} for it in spec["ports"]]
        endpoints = [{"addresses": [it["status"]["podIP"]], "conditions": {"ready": True}, "nodeName": "node",
                      "targetRef": {"kind": "Pod", "name": it["metadata"]["name"], "namespace": meta["namespace"]}} for it in pods]
        self.objects.append({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "endpoints": endpoints, "ports": ports,
            "metadata": {"name": meta["name"], "namespace": meta["namespace"], "labels": {"kubernetes.io/service-name": meta["name"]}}})


def number(port, pods):
    """Returns the number of the container port that a service refers to."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for it in container["ports"]:
                if it.get("name") == target:
                    return it["containerPort"]
    return port["port"]


def values(folder, release):
    return yaml.load(filled((folder / release["values"]).read_text()), yaml.CSafeLoader) or {} if release.get("values") else {}


def filled(text):
    """Replaces the placeholders that a deployment fills in."""
    return re.sub(r"\$\{[^}]*\}", "filled.example.com", text)


def clusters(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    found = [Cluster(folder, it, idx + 1) for idx, it in enumerate(manifest["clusters"])]
    return [it for it in found if it.has_mesh]


def question(own, all_):
    """Returns the input of istiod in a cluster, including the other clusters of its mesh."""
    peers = [it for it in all_ if it is own or it.name in json.dumps(own.settings.get("global", {}).get("meshNetworks", {}))]
    return {
        "cluster": own.name, "mesh": own.settings.get("meshConfig", {}),
        "networks": own.settings.get("global", {}).get("meshNetworks", {}),
        "objects": {it.name: it.objects for it in peers},
        "proxies": own.pods}
