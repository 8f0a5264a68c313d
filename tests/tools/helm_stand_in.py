"""A fake Helm for deployments: it stores releases in the folder `HELM_STAND_IN`, one file for each cluster, and renders nothing.

Real charts would come from the network. The objects that they would install already exist in the cluster.
"""

import argparse
import json
import os
import pathlib
import sys

parser = argparse.ArgumentParser()
parser.add_argument("words", nargs="+")
for name in ("kubeconfig", "kube-context", "namespace", "values", "version", "repo", "filter", "output", "template", "timeout", "labels", "selector"):
    parser.add_argument(f"--{name}")
for name in ("install", "create-namespace", "wait", "all-namespaces", "deployed", "failed", "pending", "uninstalling", "superseded"):
    parser.add_argument(f"--{name}", action="store_true")
if sys.argv[1] == "version":
    print("v4.1.4", end="")
    sys.exit()
args = parser.parse_intermixed_args()
server = json.loads(pathlib.Path(args.kubeconfig).read_text())["clusters"][0]["cluster"]["server"]
file = pathlib.Path(os.environ["HELM_STAND_IN"]) / f"{server.rsplit(':', 1)[1]}.json"
releases = json.loads(file.read_text()) if file.exists() else {}
verb, *rest = args.words
key = f"{args.namespace}/{rest[-1] if verb == 'get' else rest[0] if rest else ''}"
if verb == "upgrade":
    chart = rest[1].rsplit("/", 1)[-1]
    labels = dict(pair.split("=") for pair in (args.labels or "").split(",") if pair)
    releases[key] = {"chart": f"{chart}-{args.version.removeprefix('v')}", "values": json.loads(pathlib.Path(args.values).read_text()),
                     "labels": releases.get(key, {}).get("labels", {}) | labels}
elif verb == "list":
    name = (args.filter or "^$").strip("^$")
    rows = [(key.split("/"), it) for key, it in releases.items()]
    print(json.dumps([{"name": it[1], "namespace": it[0], "chart": release["chart"], "status": "deployed"} for it, release in rows
                      if it[1] == name and (args.all_namespaces or it[0] == args.namespace)
                      and all(release.get("labels", {}).get(pair.split("=")[0]) == pair.split("=")[1]
                              for pair in (args.selector or "").split(",") if pair)]))
elif key not in releases:
    sys.exit("Error: release: not found")
elif verb == "status":
    print(json.dumps({"info": {"status": "deployed"}, "version": 1, "config": releases[key]["values"]}))
elif verb == "get":
    print(json.dumps(releases[key]["values"]))
elif verb == "history":
    print(json.dumps([{"revision": 1, "status": "deployed"}]))
elif verb == "uninstall":
    del releases[key]
else:
    sys.exit(f"Error: `{verb}` is not answered here")
file.write_text(json.dumps(releases))
