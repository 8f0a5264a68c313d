"""Reduces the models of AWS SAM to facts: `crates/facts/schema/serverless.jsonl`, one line for each type, without descriptions.

    python serverless.py crates/facts/schema

The models are those of the PyPI package `aws-sam-translator`, which SAM itself uses. Properties that SAM passes to a
CloudFormation resource have the schema of that resource, from `cloudformation/`.
"""

import json
import pathlib
import re
import sys

from samtranslator.internal.schema_source import schema

KEPT = ("type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
# An intrinsic function is allowed in place of any value. A map without properties means nothing else.
FUNCTION = {"type": "object"}
# Names that SAM itself defines, although its models refer to a CloudFormation property: `String` for `S`.
TRANSLATED = [("AWS::DynamoDB::Table.AttributeDefinition", "AttributeType")]
# The CloudFormation types that get properties unchanged under the same names, if the models have no more details.
SAME_NAMES = {
    "AWS::Serverless::Api": ["AWS::ApiGateway::RestApi"],
    "AWS::Serverless::Function": ["AWS::Lambda::Function"],
    "AWS::Serverless::GraphQLApi": ["AWS::AppSync::GraphQLApi"],
    "AWS::Serverless::HttpApi": ["AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Api"],
    "AWS::Serverless::LayerVersion": ["AWS::Lambda::LayerVersion"],
    "AWS::Serverless::SimpleTable": ["AWS::DynamoDB::Table"],
    "AWS::Serverless::StateMachine": ["AWS::StepFunctions::StateMachine"],
    "AWS::Serverless::WebFunction": ["AWS::Lambda::Function"],
    "AWS::Serverless::WebSocketApi": ["AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Api"],
}


def facts(folder):
    """Returns the facts of CloudFormation types, by name."""
    lines = (line for path in sorted((folder / "cloudformation").glob("*.jsonl")) for line in path.read_text().splitlines())
    return {line["name"]: line for line in map(json.loads, lines)}


class Type:
    """A SAM type, and the definitions that its properties use."""

    def __init__(self, models, registry):
        self.models, self.registry = models, registry
        self.definitions, self.origins = {}, {}

    def line(self, name, properties):
        model = self.models[properties]
        body = self.record(model)
        for key, value in body["properties"].items():
            if not value and "PassThroughProp" in json.dumps(model["properties"][key]):
                passed = (self.passed(["", made, key]) for made in SAME_NAMES.get(name, []))
                body["properties"][key] = next(filter(None, passed), {})
        # `Globals` of a template may set required properties.
        body.pop("required", None)
        line = {"name": name, "schema": body}
        if self.definitions:
            line["definitions"] = self.definitions
        return json.dumps(line, sort_keys=True, separators=(",", ":"))

    def record(self, model):
        properties = {key: self.value(value) for key, value in model.get("properties", {}).items()}
        record = {"type": "object", "properties": properties}
        if model.get("required"):
            record["required"] = sorted(model["required"])
        return record

    def value(self, model):
        if path := model.get("__samPassThrough", {}).get("schemaPath"):
            return self.passed(path)
        branches = [it for word in ("anyOf", "oneOf", "allOf") for it in model.get(word, [])]
        if branches:
            return self.choice([it for it in branches if it != FUNCTION] or [FUNCTION])
        if "$ref" in model:
            return self.model(model["$ref"].rsplit("/", 1)[1])
        kept = {key: model[key] for key in KEPT if key in model}
        if "items" in model:
            kept["items"] = self.value(model["items"])
        if isinstance(model.get("additionalProperties"), dict):
            kept["patternProperties"] = {".*": self.value(model["additionalProperties"])}
        return kept

    def choice(self, branches):
        """Returns the schema of alternatives: a separate type if there is one, otherwise any value."""
        if len(branches) == 1:
            return self.value(branches[0])
        models = [self.models[it["$ref"].rsplit("/", 1)[1]] for it in branches if "$ref" in it]
        is_event = len(models) == len(branches) and all(set(it.get("properties", {})) == {"Type", "Properties"} for it in models)
        # Each event type has its own properties.
        event = {"properties": {"Type": {"type": "string"}, "Properties": FUNCTION}, "required": ["Type"], "type": "object"}
        return self.named("EventSource", "EventSource", lambda: event) if is_event else {}

    def model(self, key):
        model = self.models[key]
        if not model.get("properties"):
            return {} if key == "PassThroughProp" else self.value(model)
        return self.named(key.rsplit("__", 1)[-1], key, lambda: self.record(model))

    def named(self, name, origin, made):
        """Returns a reference to a definition. Another definition with the same name gets a number."""
        name = re.sub(r"\W", "", name)
        while self.origins.setdefault(name, origin) != origin:
            stem, number = re.fullmatch(r"(.*?)(\d*)", name).groups()
            name = f"{stem}{int(number or 1) + 1}"
        if name not in self.definitions:
            # Insert the entry before its content, because a definition may refer to itself.
            self.definitions[name] = {}
            self.definitions[name] = made()
        return {"$ref": f"#/definitions/{name}"}

    def passed(self, path):
        """Returns the schema of the CloudFormation property for a value."""
        name, *steps = [it for it in path[1:] if it not in ("properties", "Properties")]
        if any((name, step) in TRANSLATED for step in steps):
            return {"type": "string"}
        type_name, _, definition = name.partition(".")
        line = self.registry.get(type_name)
        if not line:
            return {}
        at = line.get("definitions", {}).get(definition, {}) if definition else line["schema"]
        for step in steps:
            at = at.get("properties", {}).get(step, {})
        return self.foreign(at, type_name, line.get("definitions", {}))

    def foreign(self, value, type_name, definitions):
        if isinstance(value, list):
            return [self.foreign(it, type_name, definitions) for it in value]
        if not isinstance(value, dict):
            return value
        if isinstance(reference := value.get("$ref"), str):
            name = reference.rsplit("/", 1)[1]
            made = lambda: self.foreign(definitions[name], type_name, definitions)
            return self.named(name, f"{type_name}.{name}", made)
        return {key: self.foreign(it, type_name, definitions) for key, it in value.items()}


def main():
    folder = pathlib.Path(sys.argv[1])
    registry, models = facts(folder), schema.Model.schema()["definitions"]
    lines = []
    for key, model in models.items():
        if not key.endswith("__Resource"):
            continue
        [name] = model["properties"]["Type"]["enum"]
        properties = model["properties"]["Properties"]
        references = re.findall(r"definitions/(\w+)", json.dumps({key: properties[key] for key in properties if key in ("$ref", "allOf", "anyOf")}))
        lines.append(Type(models, registry).line(name, references[0]))
    (folder / "serverless.jsonl").write_text("".join(f"{line}\n" for line in sorted(lines)))


main()
