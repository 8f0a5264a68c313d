"""Compares assemblies that were synthesized twice, with templates in JSON and in YAML."""

import json

import yaml


class Strict(yaml.SafeLoader):
    """A YAML 1.1 loader that rejects duplicate keys."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {', '.join(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


def twins(assemblies):
    """Returns the assemblies in YAML, each with the JSON assembly of the same app."""
    manifests = {folder: json.loads((folder / "manifest.json").read_text()) for folder in assemblies}

    def is_yaml(folder):
        return any(stack["template"].endswith(".yaml") for stack in manifests[folder]["stacks"])

    in_json = {manifests[folder]["app"]: folder for folder in assemblies if not is_yaml(folder)}
    named = {folder: in_json.get(manifests[folder]["app"]) for folder in assemblies if is_yaml(folder)}
    return {folder: twin for folder, twin in named.items() if twin}


def check_twin(folder, twin):
    """Checks that both have the same template content, and that all other files are equal."""
    passed, found = 0, []
    names = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    in_json = {name.with_suffix(".json") if name.name.endswith(".template.yaml") else name: name for name in names}
    theirs = {path.relative_to(twin) for path in twin.rglob("*") if path.is_file()}
    found += [f"{folder}: `{name}` is in one of the two formats alone" for name in sorted(theirs ^ set(in_json))]
    for name in sorted(theirs & set(in_json)):
        ours, other = (folder / in_json[name]).read_text(), (twin / name).read_text()
        if name != in_json[name]:
            is_same = read(ours) == json.loads(other)
        elif name.name == "manifest.json":
            is_same = ours.replace(".template.yaml", ".template.json") == other
        else:
            is_same = ours == other
        passed += is_same
        found += [] if is_same else [f"{folder}: `{in_json[name]}` does not say what `{twin / name}` says"]
    return passed, found


def read(text):
    try:
        return yaml.load(text, Loader=Strict)
    except yaml.YAMLError as error:
        return f"no YAML: {error}"
