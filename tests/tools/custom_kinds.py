"""Definitions of kinds that the Helm releases of a platform install, for API servers without these releases."""

import pathlib
import time

import yaml

from control_plane import has

HERE = pathlib.Path(__file__).resolve().parent


def definitions(objects):
    """Returns definitions of kinds that Helm releases would install, except those that the platform defines."""
    own = {it["metadata"]["name"] for it in objects if it["kind"] == "CustomResourceDefinition"}
    wanted = {(it["apiVersion"].partition("/")[0], it["kind"]) for it in objects}
    out = []
    for path in sorted((HERE.parent / "schemas/crds").glob("*.yaml")):
        out += [it for it in yaml.load_all(path.read_text(), yaml.CSafeLoader) if it and it["kind"] == "CustomResourceDefinition"]
    out += [stand_in(row) for row in yaml.safe_load((HERE / "stand_in_crds.yaml").read_text())]
    return [it for it in out if (it["spec"]["group"], it["spec"]["names"]["kind"]) in wanted and it["metadata"]["name"] not in own]


def stand_in(row):
    kind, plural = row["kind"], row["kind"].lower() + "s"
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": row.get("spec", free), "status": free}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{row['group']}"},
        "spec": {"group": row["group"], "scope": row.get("scope", "Namespaced"),
                 "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
                 "versions": [{"name": row["version"], "served": True, "storage": True, "subresources": {"status": {}},
                               "schema": {"openAPIV3Schema": schema}}]}}


def install(server, objects):
    """Installs the kinds of a platform's releases, and waits until they are served."""
    client, wanted = server.client(), definitions(objects)
    at = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    there = {it["metadata"]["name"] for it in client.items(at)}
    for it in wanted:
        # A previous platform may have installed it.
        if it["metadata"]["name"] not in there:
            client.call("POST", f"{at}?fieldManager=helm", it)
    for it in wanted:
        while not has(client.get(f"{at}/{it['metadata']['name']}"), "Established"):
            time.sleep(0.2)
