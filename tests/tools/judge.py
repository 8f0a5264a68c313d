"""Validates assemblies with independent tools.

    python judge.py --node FOLDER ASSEMBLY...

CloudFormation: cfn-lint (errors, warnings, informational) and the validator
of AWS. IAM: parliament. Kubernetes: the published schemas, without unknown
fields, and the published custom resource definitions. Both: checkov. For a wrong
finding, docs/security.md contains an answer. An unnecessary answer is a failure.
YAML: a YAML 1.1 parser and kubectl must read the same objects from every
manifest. An assembly with templates in YAML must equal the one in JSON, file by
file, and is checked only by YAML tools. Queries: an independent PromQL parser
reads every Prometheus query. Helm: if MESHSYNTH_CHARTS is a folder with
charts, every release is rendered, see charts.py. Each finding is a failure.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import yaml
from cfn import batches, check_templates, lint
from charts import check_charts
from iam import check_deployer, check_grants, check_policies
from kube import check_manifests
from queries import check_queries
from security import check_security
from security import run as checkov
from twins import check_twin, twins

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node", type=pathlib.Path, required=True, help="the folder with the npm packages")
    parser.add_argument("--kubernetes", default="1.36", help="the version to validate against")
    parser.add_argument("assemblies", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    n_passed, findings = 0, []

    def count(passed, found):
        nonlocal n_passed
        n_passed += passed
        findings.extend(found)

    in_json = twins(args.assemblies)
    judged = [folder for folder in args.assemblies if folder not in in_json]
    stacks = {folder: json.loads((folder / "manifest.json").read_text())["stacks"] for folder in args.assemblies}
    templates = {folder: [(folder / stack["template"], stack["region"]) for stack in stacks[folder]] for folder in args.assemblies}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        # Other processes run this in parallel.
        reports = {folder: pool.submit(checkov, folder) for folder in judged}
        linted = [pool.submit(lint, batch) for batch in batches([row for folder in judged for row in templates[folder]])]
        for folder, twin in in_json.items():
            count(*check_twin(folder, twin))
            count(*check_templates(templates[folder]))
        for folder in judged:
            if not templates[folder]:
                findings.append(f"{folder}: no template to judge")
            files = sorted((folder / "k8s").rglob("*.yaml"))
            count(*check_templates(templates[folder]))
            count(*check_policies([path for path, _ in templates[folder]]))
            count(*check_manifests(files, args.kubernetes, HERE.parent / "schemas" / "crds", args.node))
            count(*check_clusters(folder / "k8s", str(args.node / "layer/kubectl/kubectl")))
            count(*check_placeholders(folder, files))
            count(*check_scripts(sorted((folder / "smoke").glob("*.sh"))))
            count(*check_queries(folder, files))
        count(*check_grants())
        count(*check_deployer())
        if charts := os.environ.get("MESHSYNTH_CHARTS"):
            count(*check_charts(judged, pathlib.Path(charts), args.node, args.kubernetes))
        for batch in linted:
            count(*batch.result())
        count(*check_security({folder: report.result() for folder, report in reports.items()}))
    for finding in findings:
        print(finding)
    print(f"judged: {n_passed} passed, {len(findings)} failed")
    sys.exit(1 if findings else 0)


def check_clusters(folder, kubectl):
    """Checks each cluster separately, because two clusters may have objects with the same name."""
    passed, found = 0, []
    for cluster in sorted(path for path in folder.glob("*") if path.is_dir()):
        n_passed, findings = check_readers(cluster, sorted(cluster.rglob("*.yaml")), kubectl)
        passed += n_passed
        found += findings
    return passed, found


def check_readers(folder, files, kubectl):
    """Checks that PyYAML (YAML 1.1) and kubectl read the same objects."""
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
    """Checks the smoke tests with ShellCheck."""
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
    """Checks that every placeholder in a manifest has a binding, and every binding has an output."""
    bindings = json.loads((folder / "bindings.json").read_text())
    manifest = json.loads((folder / "manifest.json").read_text())
    by_id = {stack["id"]: stack for stack in manifest["stacks"]}
    named = sorted({row["stack"] for row in bindings.values()})
    templates = {stack: yaml.safe_load((folder / by_id[stack]["template"]).read_text()) for stack in named}
    passed, found = 0, []
    for path in files:
        for placeholder in re.findall(r"\$\{[a-z0-9./-]+/[^}]*\}", path.read_text()):
            if placeholder in bindings:
                passed += 1
            else:
                found.append(f"{path}: {placeholder} has no binding")
    for placeholder, row in bindings.items():
        if row["output"] not in templates[row["stack"]].get("Outputs", {}):
            found.append(f"{folder}: {placeholder} names the output {row['output']}, which is not there")
        else:
            passed += 1
    return passed, found


if __name__ == "__main__":
    main()
