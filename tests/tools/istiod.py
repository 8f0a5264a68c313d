"""Checks every mesh with the code of istiod: it accepts all objects, and proxies get the intended configuration.

    python istiod.py --istiod PROGRAM ASSEMBLY...

PROGRAM is the output of `tests/tools/istiod`. It validates each object like the webhook of istiod, without unknown fields, and returns the
configuration of each proxy, validated with the definitions of Envoy. Pods, gateways and load balancers are those that the objects and charts
would create (`mesh_input.py`). The endpoints of a `ServiceEntry` in several networks are checked for all cases in docs/mesh.md.
"""

import argparse
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from mesh_input import clusters, question

PASSED, FAILED = [], []
# Expected messages: istiod fetches no keys here, and it warns about every EnvoyFilter.
ENVIRONMENT = {"PILOT_JWT_ENABLE_REMOTE_JWKS": "envoy"}
ALWAYS = "exposes internal implementation details"


def check(name, holds, text=""):
    (PASSED if holds else FAILED).append(name)
    if not holds:
        print(f"FAILED {name}\n{str(text)[-4000:]}", flush=True)


class Istiod:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def ask(self, own, all_, change=lambda _: None):
        asked = copy.deepcopy(question(own, all_))
        change(asked)
        answer = self.folder / "answer.json"
        ambient = {"PILOT_ENABLE_AMBIENT": "true"} if own.is_ambient else {}
        done = subprocess.run([self.program, answer], input=json.dumps(asked), text=True, capture_output=True, timeout=300,
                              env={**os.environ, **ENVIRONMENT, **ambient})
        if done.returncode:
            sys.exit(f"{own.name}: istiod ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return json.loads(answer.read_text())


def judge(name, own, answer):
    check(f"{name}: nothing is refused", not answer["refused"], answer["refused"])
    warned = {key: text for key, text in answer["warned"].items() if ALWAYS not in text}
    check(f"{name}: nothing is warned of", not warned, warned)
    invalid = {key: it["invalid"] for key, it in answer["proxies"].items() if it["invalid"]}
    check(f"{name}: Envoy would take what each of {len(answer['proxies'])} proxies gets", answer["proxies"] and not invalid, invalid)
    for it in own.objects:
        if it["kind"] == "EnvoyFilter":
            filters(name, own, it, answer)


def filters(name, own, it, answer):
    """Checks that the configuration of the selected proxies contains the patches of an EnvoyFilter."""
    meta, spec = it["metadata"], it["spec"]
    labels = spec.get("workloadSelector", {}).get("labels", {})
    chosen = [key for key, pod in own.pods.items() if pod["namespace"] == meta["namespace"] and labels.items() <= pod["labels"].items()]
    check(f"{name}: {meta['name']} selects a proxy", chosen)
    for key in chosen:
        text = json.dumps(answer["proxies"][key]["listeners"] + (answer["proxies"][key]["routes"] or []))
        for patch in spec["configPatches"]:
            value = patch["patch"]["value"]
            wanted = f'"name": "{value["name"]}"' if patch["applyTo"] == "HTTP_FILTER" else '"rateLimits": [{"actions"'
            check(f"{name}: {meta['name']}: {patch['applyTo']} is in {key}", wanted in text, text[:2000])


def misspell(asked):
    """Misspells a field in each EnvoyFilter, which Envoy must reject."""
    for it in (it for objects in asked["objects"].values() for it in objects if it["kind"] == "EnvoyFilter"):
        config = it["spec"]["configPatches"][0]["patch"]["value"]["typed_config"]
        config["stat_prefx"] = config.pop("stat_prefix", "x")


def entries(asked):
    return [it["spec"] for objects in asked["objects"].values() for it in objects if it["kind"] == "ServiceEntry"]


def named(asked):
    """Replaces the address of each endpoint by a name."""
    for spec in entries(asked):
        spec["resolution"] = "DNS"
        for idx, it in enumerate(spec["endpoints"]):
            it["address"] = f"ledger-{idx}.example.com"


def anonymous(asked):
    for it in (it for spec in entries(asked) for it in spec["endpoints"]):
        it.pop("serviceAccount", None)


def elsewhere(asked):
    for spec in entries(asked):
        spec["hosts"] = ["ledger.example.com"]


def later(asked):
    asked["later"] = True


def gateways(asked, address):
    """Returns the addresses of load balancers for gateways between networks."""
    for it in (it for objects in asked["objects"].values() for it in objects if it["kind"] == "Service"):
        if "topology.istio.io/network" in it["metadata"].get("labels", {}):
            it["status"] = {"loadBalancer": {"ingress": [address] if address else []}}


def nowhere(asked):
    gateways(asked, None)


def at_a_name(asked):
    gateways(asked, {"hostname": "gateway.invalid"})


def every(*changes):
    return lambda asked: [change(asked) for change in changes]


def endpoints(seen, host):
    """Returns the destinations of a proxy for a host: by network, a gateway or the endpoint itself."""
    found = [it for it in seen["clusters"] if it["name"].endswith(f"||{host}")]
    loads = [it.get("loadAssignment") or {} for it in found] + [it for it in seen["endpoints"] or [] if it["clusterName"].endswith(f"||{host}")]
    return sorted(one["endpoint"]["address"]["socketAddress"]["portValue"] for load in loads
                  for place in load.get("endpoints", []) for one in place.get("lbEndpoints", []))


def networks(istiod, name, all_):
    """Checks a host with one endpoint in each of two networks, for callers in both networks."""
    direct, through = [8080, 8080], [8080, 15443]
    alone = [8080]
    cases = [
        ("by address", every(), through),
        ("by address, later", later, through),
        ("by address without an account", anonymous, alone),
        ("by address, without gateways", nowhere, direct),
        ("by address, where the gateway's name is not known", at_a_name, direct),
        ("by name", named, direct),
        ("by name, without gateways, later", every(named, nowhere, later), direct),
        ("by name, later", every(named, later), through),
        ("by name, where the gateway has a name", every(named, at_a_name, later), alone),
    ]
    for own in all_:
        host = next(it["spec"]["hosts"][0] for it in own.objects if it["kind"] == "ServiceEntry")
        caller = next(key for key in own.pods if key.endswith("/orders"))
        for what, change, wanted in cases:
            found = endpoints(istiod.ask(own, all_, change)["proxies"][caller], host)
            check(f"{name}: {own.name}: an endpoint of another network {what}", found == wanted, f"{found}, want {wanted}")
        between = next(key for key, it in own.pods.items() if it.get("view"))
        for host, change, wanted in ((host, every(), True), ("ledger.example.com", elsewhere, False)):
            greeted = json.dumps(istiod.ask(own, all_, change)["proxies"][between]["listeners"])
            check(f"{name}: {own.name}: the gateway between networks {'leads on' if wanted else 'refuses'} {host}", (f"_.{host}" in greeted) == wanted)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--istiod", required=True, help="what tests/tools/istiod builds")
    parser.add_argument("assemblies", type=pathlib.Path, nargs="+")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="meshsynth-istiod-") as folder:
        istiod = Istiod(os.path.abspath(args.istiod), pathlib.Path(folder))
        for assembly in args.assemblies:
            all_ = clusters(assembly)
            for own in all_:
                name = f"{assembly.name}: {own.name}"
                judge(name, own, istiod.ask(own, all_))
                if any(it["kind"] == "EnvoyFilter" for it in own.objects):
                    wrong = istiod.ask(own, all_, misspell)
                    told = [*wrong["refused"].values(), *wrong["warned"].values()]
                    check(f"{name}: a misspelt field of a filter is told", any("stat_prefx" in it for it in told), told)
            if len(all_) > 1 and any(it["kind"] == "ServiceEntry" for it in all_[0].objects):
                networks(istiod, assembly.name, all_)
    print(f"judged: {len(PASSED)} passed, {len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


main()
