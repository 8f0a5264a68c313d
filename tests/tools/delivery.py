"""Renders assemblies for Argo CD and for Flux, and checks the objects that apply them.

The objects match the schemas of their kinds. Their order equals the order of a deployment. Exactly one object
applies each manifest, and the dependencies of a release come before it.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
PASSED, FAILED = [], []


def check(name, holds, text=""):
    (PASSED if holds else FAILED).append(name)
    if not holds:
        print(f"FAILED {name}\n{str(text)[:2000]}")


def render(binary, assembly, tool, folder):
    """Renders everything for a commit, with generated outputs."""
    manifest = json.loads((assembly / "manifest.json").read_text())
    app = manifest["app"]
    program = f'cp -R synth.out/{app}/. "$MESHSYNTH_OUT"'
    (folder / "meshsynth.toml").write_text(f"[apps.{app}]\nrun = ['sh', '-c', '{program}']\n")
    shutil.copytree(assembly, folder / "synth.out" / app)
    bindings = json.loads((assembly / "bindings.json").read_text())
    (folder / "outputs.json").write_text(json.dumps({key: "10.0.0.1" for key in bindings}))
    done = subprocess.run(
        [binary, "render", app, "--outputs", "outputs.json", "--output", f"rendered/{tool}", "--delivery", tool,
         "--repository", "https://git.example.com/shop.git"],
        cwd=folder, text=True, capture_output=True, env={**os.environ, "NO_COLOR": "1"})
    check(f"{app}: {tool}: it is rendered", done.returncode == 0, done.stdout + done.stderr)
    return manifest, folder / "rendered" / tool


def judge(binary, node, assembly, tool, folder):
    manifest, rendered = render(binary, assembly, tool, folder)
    app, objects = manifest["app"], []
    for path in sorted([*rendered.glob("delivery/**/*.yaml"), *rendered.glob("releases/**/*.yaml")]):
        for object_ in yaml.safe_load_all(path.read_text()):
            objects.append({"path": str(path.relative_to(rendered)), "object": object_})
    done = subprocess.run(["node", str(HERE / "models.mjs"), str(node)], input=json.dumps(objects), text=True,
                          capture_output=True)
    check(f"{app}: {tool}: {len(objects)} objects are as their schemas say",
          done.returncode == 0 and not done.stdout and objects, done.stdout + done.stderr)
    for cluster in manifest["clusters"]:
        order(f"{app}: {tool}: {cluster['id']}", cluster, rendered, tool)


def order(name, cluster, rendered, tool):
    steps = []
    for path in sorted((rendered / "delivery" / cluster["id"]).glob("[0-9]*.yaml")):
        object_ = yaml.safe_load(path.read_text())
        spec = object_["spec"]
        if tool == "argocd":
            wave = int(object_["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
            check(f"{name}: {path.name} has the wave of its place", wave == len(steps), wave)
            steps.append(spec["source"].get("path") or spec["source"]["helm"]["releaseName"])
        else:
            before = [row["name"] for row in spec.get("dependsOn", [])]
            check(f"{name}: {path.name} comes behind the one before", before == last if steps else before == [], before)
            last = [object_["metadata"]["name"]]
            release = rendered.parents[1] / spec["path"] / "release.yaml"
            rows = list(yaml.safe_load_all(release.read_text())) if release.exists() else []
            steps.append(rows[1]["spec"]["releaseName"] if rows else spec["path"].removeprefix("./"))
            check(f"{name}: {path.name} is waited for", spec["wait"] is True, spec)
    folders = [rendered.parents[1] / step for step in steps if step.startswith("rendered/")]
    applied = [path for folder in folders for path in folder.rglob("*.yaml")]
    there = list((rendered / "k8s" / cluster["id"]).rglob("*.yaml"))
    check(f"{name}: every manifest is applied once", sorted(applied) == sorted(there) and len(there) == len(cluster["objects"]),
          set(there) ^ set(applied))
    releases = [release["name"] for release in cluster["releases"]]
    check(f"{name}: every release comes once", sorted(step for step in steps if not step.startswith("rendered/")) == sorted(releases), steps)
    places = {str(path.relative_to(folder)): steps.index(str(folder.relative_to(rendered.parents[1])))
              for folder in folders for path in folder.rglob("*.yaml")}
    for release in cluster["releases"]:
        for object_ in cluster["objects"]:
            if object_["construct"] in release.get("after", []):
                file = "/".join(object_["path"].split("/")[3:])
                check(f"{name}: {file} comes before {release['name']}", places[file] < steps.index(release["name"]), steps)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node", type=pathlib.Path, required=True)
    parser.add_argument("binary")
    parser.add_argument("assemblies", type=pathlib.Path, nargs="+")
    args = parser.parse_args()
    for assembly in args.assemblies:
        for tool in ("argocd", "flux"):
            with tempfile.TemporaryDirectory(prefix="meshsynth-delivery-") as folder:
                judge(os.path.abspath(args.binary), args.node, assembly, tool, pathlib.Path(folder))
    print(f"judged: {len(PASSED)} passed, {len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


main()
