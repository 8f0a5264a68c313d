"""Checks of page blocks that are not commands. Each function returns the problem, or nothing."""

import json
import pathlib
import re
import subprocess
import tempfile
import tomllib

import hcl2
import jsonschema
import yaml
from cfn import lint
from kube import custom_kinds, judge

KUBERNETES = "1.36"
CRDS = pathlib.Path(__file__).resolve().parents[1] / "schemas" / "crds"


def read_toml(walk, body, _):
    """Checks the features in a Cargo manifest. `meshsynth` and its schema check other configuration."""
    try:
        table = tomllib.loads(body)
    except ValueError as error:
        return f"it is not valid TOML: {error}"
    if "dependencies" in table:
        version = tomllib.loads((walk.root / "Cargo.toml").read_text())["workspace"]["package"]["version"]
        for name, wanted in table["dependencies"].items():
            wanted = wanted if isinstance(wanted, dict) else {"version": wanted}
            folder = "." if name == "meshsynth" else "crates/" + name.removeprefix("meshsynth-")
            known = tomllib.loads((walk.root / folder / "Cargo.toml").read_text())
            unknown = set(wanted.get("features", [])) - set(known.get("features", {}))
            if unknown or known["package"]["name"] != name or not version.startswith(wanted["version"]):
                return f"there is no such crate, version or feature: {name} {wanted}"
        return ""
    schema = jsonschema.Draft202012Validator(json.loads((walk.root / "docs" / "meshsynth.schema.json").read_text()))
    schema.check_schema(schema.schema)
    errors = [error.message for error in schema.iter_errors(table)]
    if errors:
        return "; ".join(errors)
    if "apps" not in table:
        body = '[apps.shop]\nrun = ["true"]\nenvironments = ["staging", "production"]\n' + body
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "meshsynth.toml").write_text(body)
        said, code, _ = walk.run("meshsynth list", folder)
    return "" if code == 0 else said


def read_json(walk, body, schema):
    try:
        document = json.loads(body)
    except ValueError as error:
        return f"it is not valid JSON: {error}"
    if schema:
        whole = json.loads((walk.root / "docs" / "assembly.schema.json").read_text())
        one = {"$defs": whole["$defs"], "$ref": f"#/$defs/{schema}"}
        return "; ".join(error.message for error in jsonschema.Draft202012Validator(one).iter_errors(document))
    return ""


class Tagged(yaml.SafeLoader):
    """Reads the short forms of CloudFormation, such as `!Ref`. cfn-lint checks their meaning."""


def tagged(loader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    return {tag: loader.construct_mapping(node, deep=True)}


Tagged.add_multi_constructor("!", tagged)


def read_yaml(_, body, __):
    try:
        documents = [document for document in yaml.load_all(body, Tagged) if document]
    except yaml.YAMLError as error:
        return f"it is not valid YAML: {error}"
    found = []
    for document in documents:
        if "Resources" in document:
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "template.yaml")
                path.write_text(body)
                found += lint(("eu-west-1", [path]))[1]
        elif "apiVersion" in document:
            found += judge(document, KUBERNETES, custom_kinds(CRDS))
    return "; ".join(found)


def read_ts(walk, body, _):
    """Compiles TypeScript in strict mode with the types of the CDK."""
    folder = walk.folder / "ts"
    folder.mkdir(exist_ok=True)
    (folder / "page.ts").write_text(body)
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(walk.node / "node_modules")
    options = {"strict": True, "skipLibCheck": True, "noEmit": True, "module": "commonjs", "target": "es2022", "types": []}
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["page.ts"]}))
    command = ["node", modules / "typescript/bin/tsc", "--project", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout


def read_hcl(_, body, __):
    """Parses HCL, and checks that the block defines every name in an expression."""
    try:
        document = hcl2.loads(body)
    except Exception as error:  # the parser has many
        return f"it is not valid HCL: {error}"
    defined = set()
    for kind in ("module", "resource", "data"):
        for block in document.get(kind, []):
            for name, inner in block.items():
                inner = [name] if kind == "module" else [f"{name}.{it}" for it in inner]
                defined |= {f"{kind}.{it}".removeprefix("resource.").replace('"', "") for it in inner}
    used = re.findall(r"\b(module[.]\w+|data[.]\w+[.]\w+|aws_\w+[.]\w+)\b", re.sub(r'"(?:[^"$]|[$](?!\{))*"', "", body))
    return ", ".join(f"`{name}` is not defined" for name in sorted(set(used) - defined))


READERS = {"toml": read_toml, "json": read_json, "yaml": read_yaml, "ts": read_ts, "hcl": read_hcl}
