"""Compares `meshsynth check` with the validations of Kiali, and prints the table whose differences are in docs/evidence/check.md.

    python tests/tools/kiali_validations.py KIALI SITE MESHSYNTH [--misses] [--extra]

KIALI is a clone of https://github.com/kiali/kiali and SITE one of https://github.com/kiali/kiali.io, with or without a
work tree. MESHSYNTH is the binary. This repository contains none of their manifests. The clones contain the expectations:

- the integration tests of KIALI contain a file, objects, and codes or messages
- the unit tests for `tests/data/validations` have a function that determines the code of a file
- each section of the page about validations in SITE describes one code with an example

The exit code is 1 if less than 95 % of the validations that files can show are found.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

# Our codes for each validation of Kiali. An object counts as found if one of these codes reports it.
OURS = {
    "KIA0002": ["MS0825"],
    "KIA0003": ["MS0824"],
    "KIA0004": ["MS0818", "MS0823"],
    "KIA0005": ["MS0853"],
    "KIA0101": ["MS0818"],
    "KIA0102": ["MS0854"],
    "KIA0104": ["MS0855"],
    "KIA0105": ["MS0856"],
    "KIA0106": ["MS0818"],
    "KIA0109": ["MS0861"],
    "KIA0110": ["MS0861"],
    "KIA0201": ["MS0858"],
    "KIA0202": ["MS0802"],
    "KIA0203": ["MS0809"],
    "KIA0207": ["MS0857"],
    "KIA0208": ["MS0857"],
    "KIA0210": ["MS0862"],
    "KIA0211": ["MS0862"],
    "KIA0212": ["MS0862"],
    "KIA0301": ["MS0810"],
    "KIA0302": ["MS0805"],
    "KIA0505": ["MS0857"],
    "KIA0506": ["MS0857"],
    "KIA0601": ["MS0808"],
    "KIA0602": ["MS0808"],
    "KIA1004": ["MS0802"],
    "KIA1006": ["MS0859"],
    "KIA1101": ["MS0802"],
    "KIA1102": ["MS0803"],
    "KIA1104": ["MS0811"],
    "KIA1105": ["MS0860"],
    "KIA1106": ["MS0810"],
    "KIA1107": ["MS0801"],
    "KIA1109": ["MS0862"],
    "KIA1110": ["MS0861"],
    "KIA1111": ["MS0861"],
    "KIA1112": ["MS0861"],
    "KIA1113": ["MS0862"],
    "KIA1114": ["MS0862"],
    "KIA1115": ["MS0861"],
    "KIA1116": ["MS0861"],
    "KIA1117": ["MS0861"],
    "KIA1212": ["MS0844"],
    "KIA1311": ["MS0827"],
    "KIA1313": ["MS0863"],
    "KIA1317": ["MS0861"],
    "KIA1401": ["MS0803"],
    "KIA1402": ["MS0427", "MS0802"],
    "KIA1502": ["MS0864"],
    "KIA1503": ["MS0106"],
    "KIA1601": ["MS0853"],
    "KIA1701": ["MS0865"],
}

# Validations that files cannot show, or that are not mistakes.
LEFT_OUT = {
    "GWAPI": "reads the status that controllers write",
    "KIA0107": "says that an account is in another cluster",
    "KIA0108": "says that nothing is known of a trust domain; `MS0818` leaves it out",
    "KIA0204": "with automatic mutual TLS, the default, a rule without `tls` has it all the same",
    "KIA0205": "is for meshes without automatic mutual TLS, which the configuration of the mesh decides",
    "KIA0206": "is for meshes without automatic mutual TLS",
    "KIA0209": "a subset without labels is all pods of its host, and Istio's own examples use it for settings",
    "KIA0401": "is for meshes without automatic mutual TLS",
    "KIA0501": "is for meshes without automatic mutual TLS",
    "KIA0701": "a container may listen on more ports than it lists; a port by name is `MS0411`",
    "KIA1007": "is about what Kiali reads from the cluster; in a file, an empty mode is `REGISTRY_ONLY`",
    "KIA1108": "says that a name is written in an older way, which Istio takes",
    "KIA1201": "is no longer in Kiali",
    "KIA1211": "the endpoints of entries for one host are put together; `MS0844` is for those that disagree",
    "KIA1301": "is advice: most meshes have workloads without a policy",
    "KIA1312": "a waypoint is for callers in ambient, wherever the workload that they call is",
    "KIA1314": "reads what the CNI writes on pods that run",
    "KIA1315": "reads the containers of pods that run",
    "KIA1316": "a pod with a sidecar in an ambient namespace is allowed: it is left out of ambient",
    "KIA1501": "each `Gateway` of Istio has a load balancer of its own; two on one address are `MS0864`",
    "KIA1504": "compares with the configuration of Kiali",
    "KIA1702": "groups with equal labels are allowed: an entry names its group",
}

# Reasons for missed validations that files could show, by code and file.
MISSED = {
    ("KIA0105", "805.yaml"): "one is for a mesh without automatic mutual TLS",
    ("KIA1502", "1502.yaml"): "two of type `Hostname` may share a service, as long as their listeners differ",
    ("KIA1503", "1503.yaml"): "the example is not valid YAML; `MS0106` is for what it means",
}

# Functions of the unit tests that determine the validation of a file, by test file: the code and the object.
CONFIRMS = {
    "authorization/mtls_enabled_checker_test.go": {"testMtlsCheckerPresent": ("KIA0105", "AuthorizationPolicy bookinfo/policy")},
    "common/export_to_namespace_checker_test.go": {
        "assertIstioObjectInvalidNamespace": ("KIA0005", None),
    },
    "destinationrules/disabled_meshwide_mtls_checker_test.go": {"testWithDestRuleDisabledValidations": ("KIA0208", "DestinationRule")},
    "peerauthentications/disabled_meshwide_checker_test.go": {"testWithDisabledMeshValidations": ("KIA0506", "PeerAuthentication")},
    "peerauthentications/disabled_namespacewide_checker_test.go": {"testWithDisabledNsValidations": ("KIA0505", "PeerAuthentication")},
    "virtualservices/subset_presence_checker_test.go": {
        "testSubsetPresenceValidationsFound": ("KIA1107", "VirtualService"),
        "subsetPresenceCheckerPrep": ("KIA1107", "VirtualService"),
    },
    "virtualservices/no_gateway_checker_test.go": {"fileName:": ("KIA1102", "VirtualService")},
}

# Additional objects of the unit tests in Go: namespaces, and services with their selectors.
BESIDE = {
    "authorization": "{apiVersion: v1, kind: Service, metadata: {name: ratings, namespace: bookinfo}, "
    "spec: {selector: {app: ratings}, ports: [{name: http, port: 9080}]}}\n",
    "exportto": "".join(
        f"---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}\n" for name in ("bookinfo", "bookinfo2")
    ),
}

# The services of Bookinfo with the versions of their pods. Kiali's integration tests and examples need Bookinfo in the cluster.
BOOKINFO = {"details": ["v1"], "productpage": ["v1"], "ratings": ["v1"], "reviews": ["v1", "v2", "v3"]}

Case = collections.namedtuple("Case", "name text options expected")


def bookinfo() -> str:
    """Returns the application in the namespace `bookinfo`, whose pods have a sidecar."""
    meta = {"namespace": "bookinfo"}
    objects = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bookinfo", "labels": {"istio-injection": "enabled"}}}]
    for app, versions in BOOKINFO.items():
        ports = [{"name": "http", "port": 9080}]
        objects.append({"apiVersion": "v1", "kind": "Service", "metadata": meta | {"name": app}, "spec": {"selector": {"app": app}, "ports": ports}})
        objects.append({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta | {"name": f"bookinfo-{app}"}})
        for version in versions:
            labels = {"app": app, "version": version}
            container = {"name": app, "image": f"example.com/{app}:{version}.0.0", "ports": [{"containerPort": 9080}]}
            pods = {"metadata": {"labels": labels}, "spec": {"serviceAccountName": f"bookinfo-{app}", "containers": [container]}}
            spec = {"selector": {"matchLabels": labels}, "template": pods}
            objects.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta | {"name": f"{app}-{version}"}, "spec": spec})
    return "".join(f"---\n{json.dumps(it)}\n" for it in objects)


def show(clone: str, path: str) -> str:
    return subprocess.run(["git", "-C", clone, "show", f"HEAD:{path}"], capture_output=True, text=True, check=True).stdout


def messages_of(clone: str) -> dict[str, str]:
    """Returns the message of each code."""
    text = show(clone, "models/istio_validation.go")
    return dict(re.findall(r'Code:\s+"(\w+)",\s+Message:\s+"([^"]*)"', text))


def names_of(clone: str) -> dict[str, str]:
    """Returns the name of each validation in Kiali's code."""
    text = show(clone, "models/istio_validation.go")
    return {code: name for name, code in re.findall(r'"([\w.]+)": \{\s+Code:\s+"(\w+)"', text)}


def kind_of(plural: str) -> str:
    """Returns the kind for Kiali's names, such as `K8sHTTPRoutes` or `AuthorizationPolicies`."""
    plural = plural.removeprefix("K8s")
    return f"{plural[:-3]}y" if plural.endswith("ies") else plural[:-1]


def integration_cases(clone: str, messages: dict[str, str]) -> list[Case]:
    """Returns a case for each integration test: its file, and the objects with their codes."""
    codes = {message: code for code, message in messages.items()}
    cases = []
    for test in re.split(r"\nfunc Test", show(clone, "tests/integration/tests/config_validations_test.go"))[1:]:
        test = test.split("\n}\n")[0]
        file = re.search(r'ASSETS\+"/([^"]+)"', test)
        if not file:
            continue
        names = dict(re.findall(r'(\w+) := "([^"]+)"', test))
        expected, what = set(), None
        for line in test.splitlines():
            if it := re.search(r'getConfigDetails\(kiali\.BOOKINFO, ("?)([^",]+)\1, kubernetes\.(\w+)', line):
                what = f"{kind_of(it[3])} bookinfo/{it[2] if it[1] else names[it[2]]}"
            if "NoCode" in line:
                continue
            if it := re.search(r'assertConfigDetails\w+\(.*"(KIA\d+)"', line):
                expected.add((it[1], what))
            if (it := re.search(r'require\.Equal\("([^"]+)", .*Checks\[0\]\.Message\)', line)) and it[1] in codes:
                expected.add((codes[it[1]], what))
        name = f"tests/integration/assets/{file[1]}"
        cases.append(Case(name, show(clone, name) + "\n" + bookinfo(), ["--namespace", "bookinfo"], expected))
    return cases


def unit_cases(clone: str) -> list[Case]:
    """Returns a case for each file of `tests/data/validations` that a unit test reads."""
    cases = []
    for test, functions in CONFIRMS.items():
        text = show(clone, f"business/checkers/{test}")
        told = re.search(r"data/validations/(\w+)/", text)
        folder = told[1] if told else test.split("/")[0]
        for function, (code, what) in functions.items():
            # A call whose last argument is `false` is for meshes without automatic mutual TLS.
            for file in dict.fromkeys(re.findall(rf'{re.escape(function)}\(?\s*"([\w.-]+\.yaml)"(?!.*, false\))', text)):
                name = f"tests/data/validations/{folder}/{file}"
                documents = re.split(r"^---.*$", show(clone, name), flags=re.M)
                named = [it for it in documents if re.search(r"^  name:", it, re.M)]
                cases.append(Case(name, "---".join(named) + "\n---\n" + BESIDE.get(folder, ""), [], {(code, what or kind_in(named[0]))}))
    return cases


def kind_in(document: str) -> str:
    return re.search(r"^kind: \"?(\w+)", document, re.M)[1]


def site_cases(clone: str) -> list[Case]:
    """Returns a case for each example of the page about validations."""
    cases = []
    for section in re.split(r"^### ", show(clone, "content/en/docs/Features/validations.md"), flags=re.M)[1:]:
        code = section.split()[0]
        examples = re.findall(r'readfile file="/(static/files/validation_examples/[^"]+)"', section)
        # The second example of a section, if there is one, is the corrected first example.
        for name in examples[:1]:
            cases.append(Case(name, show(clone, name) + "\n" + bookinfo(), ["--namespace", "bookinfo"], {(code, "")}))
    return cases


def is_named(construct: str, what: str) -> bool:
    """Whether a construct is the object `kind namespace/name`, an object of a kind, or any object."""
    kind, _, name = what.partition(" ")
    namespace, _, last = name.rpartition("/")
    own, _, rest = construct.rpartition("/")
    if not name:
        return rest.startswith(f"{kind}-".lower()) or not kind
    return rest == f"{kind}-{last}".lower() and own in ("", namespace)


def main() -> int:
    clone, site, binary = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    options = sys.argv[4:]
    messages = messages_of(clone)
    cases = integration_cases(clone, messages) + unit_cases(clone) + site_cases(site)
    wanted, found, missed, extra = collections.Counter(), collections.Counter(), [], []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            pathlib.Path(folder, "case.yaml").write_text(case.text)
            command = [binary, "check", "--format", "json", "--notes", *case.options, "case.yaml"]
            output = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            told = json.loads(output.stdout)["diagnostics"] if output.stdout else []
            for code, what in sorted(case.expected):
                wanted[code] += 1
                is_found = any(it["code"] in OURS.get(code, []) and is_named(it["construct"] or "", what) for it in told)
                found[code] += is_found
                if not is_found:
                    missed.append((code, what, case.name))
            used = {ours for code, _ in case.expected for ours in OURS.get(code, [])}
            extra += [(case.name, it["code"], it["construct"], it["message"]) for it in told if it["severity"] == "error" and it["code"] not in used]
    print("| Kiali | name | meshsynth | expected | found |\n|---|---|---|---|---|")
    names = names_of(clone)
    for code in sorted(set(names) | set(wanted) | set(LEFT_OUT)):
        ours = ", ".join(f"`{it}`" for it in OURS.get(code, [])) or LEFT_OUT[code]
        why = {MISSED[code, pathlib.PurePath(name).name] for it, _, name in missed if (it, pathlib.PurePath(name).name) in MISSED and it == code}
        n_found = f"{found[code]}: {'; '.join(sorted(why))}" if why else found[code] if wanted[code] else ""
        n_found = n_found if code in OURS else "–"
        name = f"`{names[code]}`" if code in names else ""
        print(f"| {code} | {name} | {ours} | {wanted[code] or ''} | {n_found} |")
    n_wanted = sum(n for code, n in wanted.items() if code in OURS)
    n_found = sum(n for code, n in found.items() if code in OURS)
    print(f"\n{n_found} of {n_wanted} expected validations are found ({100 * n_found / n_wanted:.1f} %).")
    if "--misses" in options:
        for it in sorted(it for it in missed if it[0] in OURS):
            print("missed", *it)
    if "--extra" in options:
        for it in extra:
            print("extra", *it)
    return 0 if n_found >= 0.95 * n_wanted else 1


if __name__ == "__main__":
    sys.exit(main())
