"""Manual edits with kubectl: one of each kind, on an object without other edits if possible."""

import dataclasses
import json
import typing


@dataclasses.dataclass
class Edit:
    """An edit: the objects that it applies to, the kubectl arguments, the changed field, and its manager."""

    name: str
    fits: typing.Callable
    make: typing.Callable

    def words(self, objects, used):
        """Returns the name of the object, the kubectl arguments, the path of the field (none: the object), and its manager."""
        fitting = [it for it in objects if self.fits(it, objects)]
        fitting.sort(key=lambda it: called(it) in used)
        if not fitting:
            return None
        used.add(called(fitting[0]))
        words, path, by = self.make(fitting[0])
        space = fitting[0]["metadata"].get("namespace")
        return called(fitting[0]), [*words, *(["--namespace", space] if space else [])], path, by


def called(object_):
    meta = object_["metadata"]
    name = f"{meta['namespace']}/{meta['name']}" if "namespace" in meta else meta["name"]
    return f"{object_['kind']} `{name}`"


def one(object_):
    group = object_["apiVersion"].partition("/")[0] if "/" in object_["apiVersion"] else ""
    return f"{object_['kind'].lower()}{'.' + group if group else ''}/{object_['metadata']['name']}"


def patch(object_, body, kind="merge"):
    return ["patch", one(object_), "--type", kind, "--patch", json.dumps(body)]


def is_a(kind, more=lambda object_: True):
    return lambda object_, objects: object_["kind"] == kind and more(object_)


def containers(object_):
    return object_["spec"]["template"]["spec"]["containers"]


def pod(body):
    return {"spec": {"template": {"spec": body}}}


def is_unscaled(object_, objects):
    """Whether an object is a Deployment without an autoscaler."""
    if object_["kind"] != "Deployment" or "replicas" not in object_["spec"]:
        return False
    refs = [it["spec"].get("scaleTargetRef") or it["spec"].get("workloadRef") for it in objects
            if it["kind"] in ("HorizontalPodAutoscaler", "Rollout", "ScaledObject")]
    return all(not ref or ref["name"] != object_["metadata"]["name"] for ref in refs)


def first(object_):
    return containers(object_)[0]["name"]


TEMPLATE = "spec.template.spec"
EDITS = [
    Edit("a field removed", is_a("Deployment", lambda it: "readinessProbe" in containers(it)[0]), lambda it: (
        patch(it, [{"op": "remove", "path": "/spec/template/spec/containers/0/readinessProbe"}], "json"),
        f"{TEMPLATE}.containers[name={first(it)}].readinessProbe", set())),
    Edit("an image changed", is_a("Deployment"), lambda it: (
        ["set", "image", one(it), f"{first(it)}=registry.example.com/other:1"],
        f"{TEMPLATE}.containers[name={first(it)}].image", {"kubectl-set"})),
    Edit("a privileged container added", is_a("Deployment"), lambda it: (
        patch(it, pod({"containers": [{"name": "intruder", "image": "intruder:1", "securityContext": {"privileged": True}}]}), "strategic"),
        f"{TEMPLATE}.containers[name=intruder]", {"kubectl-patch"})),
    Edit("the network of the host", is_a("Deployment"), lambda it: (
        patch(it, pod({"hostNetwork": True})), f"{TEMPLATE}.hostNetwork", {"kubectl-patch"})),
    Edit("user 0", is_a("Deployment"), lambda it: (
        patch(it, pod({"containers": [{"name": first(it), "securityContext": {"runAsUser": 0, "runAsNonRoot": False}}]}), "strategic"),
        f"{TEMPLATE}.containers[name={first(it)}].securityContext.runAsUser", {"kubectl-patch"})),
    Edit("a port added to a Service", is_a("Service", lambda it: it["spec"].get("clusterIP") != "None"), lambda it: (
        patch(it, {"spec": {"ports": [{"name": "debug", "port": 9999}]}}, "strategic"), "spec.ports", {"kubectl-patch"})),
    Edit("a role for a ServiceAccount", is_a("ServiceAccount"), lambda it: (
        ["annotate", "--overwrite", one(it), "eks.amazonaws.com/role-arn=arn:aws:iam::111122223333:role/other"],
        "metadata.annotations[eks.amazonaws.com/role-arn]", {"kubectl-annotate"})),
    Edit("a key added to a ConfigMap", is_a("ConfigMap"), lambda it: (
        patch(it, {"data": {"added": "by hand"}}), "data.added", {"kubectl-patch"})),
    Edit("an AuthorizationPolicy opened", is_a("AuthorizationPolicy", lambda it: "rules" in it["spec"]), lambda it: (
        patch(it, {"spec": {"rules": [{}]}}), "spec.rules", {"kubectl-patch"})),
    Edit("a NetworkPolicy opened", is_a("NetworkPolicy", lambda it: it["spec"].get("ingress")), lambda it: (
        patch(it, {"spec": {"ingress": [{}]}}), "spec.ingress", {"kubectl-patch"})),
    Edit("replicas by hand", is_unscaled, lambda it: (
        ["scale", one(it), f"--replicas={it['spec']['replicas'] + 1}"], "spec.replicas", {"kubectl"})),
    Edit("an object deleted", is_a("PodDisruptionBudget"), lambda it: (["delete", one(it), "--wait"], None, set())),
]
