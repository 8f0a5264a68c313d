"""Judges assemblies with tools that meshsynth does not write.

    python judge.py --node FOLDER ASSEMBLY...

CloudFormation: cfn-lint (errors, warnings, informational) and AWS's own
validator. IAM: parliament. Kubernetes: the published schemas, unknown fields
refused, and the custom resource definitions as their projects publish them.
Both: checkov; where it is wrong, docs/security.md answers it, and an answer
that is no longer needed fails.
YAML: every manifest is read by a YAML 1.1 reader and by kubectl's, and both
must see the same. Queries: every query of Prometheus, wherever it stands, is read by a parser of
PromQL that others write. Any finding fails.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

import yaml
from cfn import check_templates
from iam import check_deployer, check_grants, check_policies
from kube import check_manifests
from queries import check_queries
from security import check_security

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node", type=pathlib.Path, required=True, help="the folder with the npm packages")
    parser.add_argument("--kubernetes", default="1.36", help="the version to validate against")
    parser.add_argument("assemblies", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    n_passed, findings = 0, []
    for folder in args.assemblies:
        manifest = json.loads((folder / "manifest.json").read_text())
        templates = [(folder / stack["template"], stack["region"]) for stack in manifest["stacks"]]
        files = sorted((folder / "k8s").rglob("*.yaml"))
        if not templates:
            findings.append(f"{folder}: no template to judge")
        for check in (
            lambda: check_templates(templates),
            lambda: check_policies([path for path, _ in templates]),
            lambda: check_manifests(files, args.kubernetes, HERE.parent / "schemas" / "crds", args.node),
            lambda: check_clusters(folder / "k8s", str(args.node / "layer/kubectl/kubectl")),
            lambda: check_placeholders(folder, files),
            lambda: check_scripts(sorted((folder / "smoke").glob("*.sh"))),
            lambda: check_queries(folder, files),
        ):
            passed, found = check()
            n_passed += passed
            findings += found
    for passed, found in (check_grants(), check_deployer(), check_security(args.assemblies)):
        n_passed += passed
        findings += found
    for finding in findings:
        print(finding)
    print(f"judged: {n_passed} passed, {len(findings)} failed")
    sys.exit(1 if findings else 0)


def check_clusters(folder, kubectl):
    """Each cluster by itself: two may have objects of one name."""
    passed, found = 0, []
    for cluster in sorted(path for path in folder.glob("*") if path.is_dir()):
        n_passed, findings = check_readers(cluster, sorted(cluster.rglob("*.yaml")), kubectl)
        passed += n_passed
        found += findings
    return passed, found


def check_readers(folder, files, kubectl):
    """PyYAML (YAML 1.1) and kubectl must read the same objects."""
    if not files:
        return 0, []
    command = [kubectl, "annotate", "--local", "--recursive", "-f", str(folder), "-o", "json", "--overwrite", "read=1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return 0, [f"{folder}: kubectl does not read the manifests: {done.stderr.strip()[:500]}"]
    theirs = {}
    decoder, text, at = json.JSONDecoder(), done.stdout, 0
    while text[at:].strip():
        document, at = decoder.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
        for item in document.get("items", [document]):
            theirs[key_of(item)] = item
    passed, found = 0, []
    for path in files:
        ours = yaml.safe_load(path.read_text())
        item = theirs.get(key_of(ours))
        if item is None:
            found.append(f"{path}: kubectl does not see it")
            continue
        item["metadata"]["annotations"].pop("read")
        if not item["metadata"]["annotations"]:
            item["metadata"].pop("annotations")
        if item != ours:
            found.append(f"{path}: kubectl and PyYAML read it differently")
        else:
            passed += 1
    return passed, found


def check_scripts(files):
    """ShellCheck finds nothing to say about the smoke tests."""
    if not files:
        return 0, []
    command = [str(pathlib.Path(sys.executable).parent / "shellcheck"), "--format", "gcc", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = done.stdout.splitlines() + done.stderr.splitlines()
    return len(files) if not found and done.returncode == 0 else 0, found


def key_of(item):
    meta = item["metadata"]
    return item["apiVersion"], item["kind"], meta.get("namespace"), meta["name"]


def check_placeholders(folder, files):
    """Every placeholder in a manifest has a binding, and every binding an output."""
    bindings = json.loads((folder / "bindings.json").read_text())
    manifest = json.loads((folder / "manifest.json").read_text())
    by_id = {stack["id"]: stack for stack in manifest["stacks"]}
    passed, found, used = 0, [], set()
    for path in files:
        for placeholder in re.findall(r"\$\{[a-z0-9./-]+/[^}]*\}", path.read_text()):
            used.add(placeholder)
            if placeholder in bindings:
                passed += 1
            else:
                found.append(f"{path}: {placeholder} has no binding")
    for placeholder, row in bindings.items():
        template = yaml.safe_load((folder / by_id[row["stack"]]["template"]).read_text())
        if row["output"] not in template.get("Outputs", {}):
            found.append(f"{folder}: {placeholder} names the output {row['output']}, which is not there")
        else:
            passed += 1
    return passed, found


if __name__ == "__main__":
    main()
