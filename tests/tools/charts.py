"""Renders every Helm release of assemblies with its chart, if the chart is available.

    python charts.py --node FOLDER --charts CHARTS ASSEMBLY...

CHARTS contains charts of `helm pull`: `<chart>-<version>.tgz`, or a
folder with that name. Helm must render each release without warnings. The output must
be valid for the published schemas. The chart must use every value: the script changes
one value at a time, and the output must change, or the chart
must reject the value. Helm does not report unused values, so this is the only way to find
a misspelled key. Missing charts are listed, and are not failures.
"""

import argparse
import concurrent.futures
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml
from kube import custom_kinds, judge

HERE = pathlib.Path(__file__).resolve().parent
# A value that no chart contains.
NONSENSE = "meshsynthReadsNothing"
# Maps that a chart passes unchanged to another program. They were compared manually with the definition of that project.
HANDED_ON = {"kiali-server": ("external_services",)}
# Values that Helm would read from a cluster.
APIS = (
    "apiregistration.k8s.io/v1",
    "cert-manager.io/v1",
    "gateway.networking.k8s.io/v1",
    "monitoring.coreos.com/v1",
    "policy/v1",
)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node", type=pathlib.Path, required=True, help="the folder with the npm packages")
    parser.add_argument("--kubernetes", default="1.36", help="the version to render for")
    parser.add_argument("--charts", type=pathlib.Path, required=True, help="the folder with the charts")
    parser.add_argument("assemblies", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    passed, found = check_charts(args.assemblies, args.charts, args.node, args.kubernetes)
    for finding in found:
        print(finding)
    print(f"charts: {passed} passed, {len(found)} failed")
    sys.exit(1 if found else 0)


def check_charts(assemblies, charts, node, version):
    """Returns the numbers of releases and values that passed, and the findings."""
    helm = Helm(str(node / "layer/helm/helm"), version)
    passed, found, missing, proven = 0, [], set(), set()
    for folder in assemblies:
        for cluster in json.loads((folder / "manifest.json").read_text())["clusters"]:
            for release in cluster["releases"]:
                chart = at_hand(charts, release)
                if chart is None:
                    missing.add(f"{release['chart']} {release['version']}")
                    continue
                values = yaml.safe_load((folder / release["values"]).read_text()) or {}
                where = f"{folder / release['values']} ({release['chart']} {release['version']})"
                problems = check_release(helm, release, chart, values, version)
                if not problems:
                    n_values, problems = check_values(helm, release, chart, values, proven)
                    passed += n_values
                found += [f"{where}: {problem}" for problem in problems]
                passed += not problems
    if missing:
        print(f"charts that are not at hand: {', '.join(sorted(missing))}")
    return passed, found


def at_hand(charts, release):
    name = f"{release['chart']}-{release['version']}"
    return next((path for path in (charts / name, charts / f"{name}.tgz") if path.exists()), None)


class Helm:
    def __init__(self, binary, version):
        self.binary = binary
        self.command = [binary, "template", "--kube-version", version, *(f"--api-versions={api}" for api in APIS)]

    def render(self, release, chart, values):
        """Returns the rendered objects and the messages of Helm. There are no objects if Helm fails."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(values, file)
            file.flush()
            command = [*self.command, release["name"], str(chart), "--namespace", release["namespace"], "--values", file.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (done.stdout if done.returncode == 0 else None), done.stderr.strip()


    def defaults(self, chart):
        """Returns the default values of the chart. Istio's charts nest them one level deeper."""
        done = subprocess.run([self.binary, "show", "values", str(chart)], capture_output=True, text=True, check=True)
        values = yaml.safe_load(done.stdout) or {}
        return values.get("_internal_defaults_do_not_set", values)


def check_release(helm, release, chart, values, version):
    text, said = helm.render(release, chart, values)
    # A note about the files of the chart itself.
    said = "\n".join(line for line in said.splitlines() if "found symbolic link" not in line)
    if text is None or said:
        return [f"helm says: {said[:600]}"]
    definitions = custom_kinds(HERE.parent / "schemas" / "crds")
    found = []
    for document in yaml.safe_load_all(text):
        if not document:
            continue
        problems = [it for it in judge(document, version, definitions) if not it.startswith("no schema for")]
        found += [f"{document['kind']} {document['metadata']['name']}: {problem}" for problem in problems]
    return found


def check_values(helm, release, chart, values, proven):
    """Checks that the chart uses every value: another value changes the output."""
    handed_on = HANDED_ON.get(release["chart"], ())
    paths = [path for path in leaves(values) if (chart, path) not in proven and path[0] not in handed_on]
    if not paths:
        return 0, []
    first, second, third = (helm.render(release, chart, values)[0] for _ in range(3))
    # A chart may write all its values into an object. This does not count as use of a value.
    nonsense, _ = helm.render(release, chart, {**values, NONSENSE: 1})
    steady = steady_text(first, second, nonsense or first)
    before = steady(first)
    if steady(third) != before or steady(nonsense or first) != before:
        return 0, ["it renders differently each time, so nothing can be said of its values"]
    defaults = helm.defaults(chart) if NONSENSE in (nonsense or "") else {}

    def is_read(path):
        text, _ = helm.render(release, chart, changed(values, path))
        return text is None or steady(text) != before or is_there(defaults, path)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        read = list(pool.map(is_read, paths))
    proven.update((chart, path) for path, is_one in zip(paths, read) if is_one)
    ignored = [".".join(map(str, path)) for path, is_one in zip(paths, read) if not is_one]
    return sum(read), [f"no template reads `{path}`" for path in ignored]


def is_there(defaults, path):
    """Whether the chart has a default value at a path, or an open map above it."""
    inner = defaults
    for step in path:
        if not isinstance(inner, dict) or step not in inner:
            return inner in ({}, [], None) and inner is not defaults
        inner = inner[step]
    return True


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for idx, inner in enumerate(value):
            yield from leaves(inner, (*path, idx))
    elif value is not None:
        yield path


def changed(values, path):
    values = copy.deepcopy(values)
    inner = values
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = another(inner[path[-1]])
    return values


def another(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    # A quoted number remains a number, because a chart may calculate with it.
    return str(int(value) + 1) if re.fullmatch(r"\d+", value) else f"{value}x"


def steady_text(first, second, nonsense):
    """Returns a function that removes parts of the output that are independent of a value.

    These are lines that differ in each run, such as generated passwords and certificates. They are also documents that
    contain all values of the chart, and lines that depend on them, such as checksums.
    """
    key = re.compile(r"^\s*([^\s:]+):")

    def documents(text):
        return [document.splitlines() for document in re.split(r"^---$", text, flags=re.MULTILINE)]

    def head(document):
        return tuple(line for line in document if re.match(r"(kind|  name): ", line))

    whole = {head(document) for document in documents(nonsense) if any(NONSENSE in line for line in document)}
    kept = [[line for it in documents(text) if head(it) not in whole for line in it] for text in (first, second, nonsense)]
    differing = (set(kept[0]) ^ set(kept[1])) | (set(kept[0]) ^ set(kept[2]))
    keys = {found.group(1) for line in differing if (found := key.match(line))}

    def steady(text):
        lines = (line for it in documents(text) if head(it) not in whole for line in it if line not in differing)
        return [line for line in lines if not ((found := key.match(line)) and found.group(1) in keys)]

    return steady


if __name__ == "__main__":
    main()
