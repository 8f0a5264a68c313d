"""Validates Kubernetes manifests with the published schemas, without unknown fields."""

import functools
import json
import pathlib
import subprocess

import jsonschema
import kubernetes_validate
import yaml

HERE = pathlib.Path(__file__).resolve().parent


def is_filled_later(error):
    """Whether a pattern fails only because of a placeholder, which a deployment replaces."""
    return error.validator == "pattern" and "${" in error.instance


def check_manifests(files, version, crd_folder, node):
    """Returns the number of manifests that passed, and the findings."""
    definitions = custom_kinds(crd_folder)
    passed, found, secrets = 0, [], []
    for path in files:
        for document in yaml.safe_load_all(path.read_text()):
            if document["apiVersion"].startswith(("cert-manager.io/", "external-secrets.io/")):
                secrets.append({"path": str(path), "object": document})
                continue
            problems = judge(document, version, definitions)
            found += [f"{path}: {problem}" for problem in problems]
            passed += not problems
    problems = models(secrets, node) if secrets else []
    return passed + len(secrets) - len(problems), found + problems


def models(objects, node):
    """Validates kinds whose definitions are only in the package of their models, with its validators."""
    command = ["node", str(HERE / "models.mjs"), str(node)]
    done = subprocess.run(command, input=json.dumps(objects), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return [f"models: {done.stderr.strip()[:500]}"]
    return done.stdout.splitlines()


def judge(document, version, definitions):
    api_version, kind = document["apiVersion"], document["kind"]
    if (api_version, kind) in definitions:
        validator = definitions[api_version, kind]
        return [f"{'/'.join(map(str, error.path))}: {error.message[:300]}" for error in validator.iter_errors(document) if not is_filled_later(error)]
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'/'.join(map(str, error.path))}: {error.message[:300]}"]
    except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError) as error:
        return [f"no schema for {api_version} {kind}: {error}"]
    return []


@functools.cache
def custom_kinds(folder):
    """Returns a validator for each version of each custom kind."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            if not document or document.get("kind") != "CustomResourceDefinition":
                continue
            spec = document["spec"]
            for version in spec["versions"]:
                schema = strict(version["schema"]["openAPIV3Schema"])
                schema["properties"].update(apiVersion={"type": "string"}, kind={"type": "string"}, metadata={"type": "object"})
                key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                found[key] = jsonschema.Draft7Validator(schema)
    return found


def strict(schema):
    """Returns the schema with the semantics of an API server, without unknown fields."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    keep = ("properties", "items", "additionalProperties", "allOf", "anyOf", "oneOf", "not")
    out = {key: value for key, value in schema.items() if not key.startswith("x-") and key not in ("format", "default", *keep)}
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            out[key] = [partial(item) for item in schema[key]]
    if "not" in schema:
        out["not"] = partial(schema["not"])
    if "items" in schema:
        out["items"] = strict(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        out["additionalProperties"] = strict(schema["additionalProperties"])
    if "properties" in schema:
        out["properties"] = {name: strict(value) for name, value in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields") and "additionalProperties" not in schema:
            out["additionalProperties"] = False
    if schema.get("nullable") and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    return out


def partial(schema):
    """Returns a branch of a choice without extensions. A branch constrains known fields and allows additional fields."""
    return {key: value for key, value in schema.items() if not key.startswith("x-")} if isinstance(schema, dict) else schema
