"""Reads FOLDER/{values,keys,items}.yaml with PyYAML and with KUBECTL. Both results must equal FOLDER/wanted.json."""

import json
import pathlib
import subprocess
import sys

import yaml

folder, kubectl = pathlib.Path(sys.argv[1]), sys.argv[2]
wanted = json.loads((folder / "wanted.json").read_text())
problems = []


def compare(reader, name, read):
    if read == wanted[name]:
        return
    pairs = zip(wanted[name], read) if isinstance(read, list) else []
    problems.extend(f"{reader} reads {ours!r} as {theirs!r}" for ours, theirs in pairs if ours != theirs)
    if isinstance(read, dict):
        for key, value in wanted[name].items():
            if read.get(key) != value:
                problems.append(f"{reader} reads {key!r}: {value!r} as {read.get(key)!r}")
    problems.append(f"{reader} reads {name} differently")


def by_kubectl(name):
    text = (folder / f"{name}.yaml").read_text()
    command = [kubectl, "annotate", "--local", "-f", "-", "-o", "json", "--overwrite", "read=1"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        problems.append(f"kubectl refuses {name}: {done.stderr[:500]}")
        return None
    return json.loads(done.stdout)["data"]


for name in wanted:
    compare("PyYAML", name, yaml.safe_load((folder / f"{name}.yaml").read_text())["data"])
    read = by_kubectl(name)
    if read is not None:
        compare("kubectl", name, read)
for problem in problems[:20]:
    print(problem)
sys.exit(1 if problems else 0)
