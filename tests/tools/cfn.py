"""Validates CloudFormation templates with cfn-lint and the validator of AWS."""

import json
import pathlib
import re
import subprocess
import sys

import yaml
from cloudformation_validate import CompositeEngine, PseudoParameterOverrides, ValidateConfig

CFN_LINT = [str(pathlib.Path(sys.executable).parent / "cfn-lint")]

# Notes that are not problems of a template. docs/testing.md contains the reasons.
NOT_FINDINGS = {
    "I4010": "asks for a description of the architecture, for tools that have no graph.json",
    "I9001": "says of a property in use that changing it would replace the resource, as of every VPC's block",
}


def check_templates(templates):
    """Runs the validator of AWS. cfn-lint checks the templates of all assemblies together, see `batches`."""
    passed, found = 0, []
    engine = CompositeEngine()
    for path, region in templates:
        problems = validate(engine, path, region)
        found += problems
        passed += not problems
    return passed, found


def batches(templates, size=12):
    """Returns templates by region, in small batches so that several cfn-lint processes use all CPUs."""
    regions = {}
    for path, region in templates:
        regions.setdefault(region, []).append(path)
    return [(region, paths[at : at + size]) for region, paths in sorted(regions.items()) for at in range(0, len(paths), size)]


def is_gap(row):
    """Whether a finding is about `Fn::GetStackOutput` in `Fn::Split`, which cfn-lint does not support. The CDK writes it, too."""
    path = [str(step) for step in row["Location"]["Path"] or []]
    return row["Rule"]["Id"] in {"E1018", "E1022"} and path[-2:] == ["Fn::Split", "1"] and "Fn::GetStackOutput" in row["Message"]


def lint(batch):
    """Returns the findings of cfn-lint for the templates of a region. One process reads the schemas once for all of them."""
    region, paths = batch
    command = [*CFN_LINT, "-e", "-c", "I", "-i", "I4010", "-r", region, "-f", "json", "--", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        return 0, [f"{paths[0]} and others: cfn-lint gave nothing: {done.stderr.strip()[:500]}"]
    rows = [row for row in json.loads(done.stdout) if not is_gap(row)]
    found = [
        f"{row['Filename']}: {row['Rule']['Id']} {'/'.join(map(str, row['Location']['Path'] or []))}: {row['Message']}"
        for row in rows
    ]
    return len(paths) - len({row["Filename"] for row in rows}), found


def validate(engine, path, region):
    config = ValidateConfig(pseudo_parameter_overrides=PseudoParameterOverrides(region=region))
    report = engine.validate_template(str(path), config)
    return [
        f"{path}: {row.severity.name} {row.rule_id}: {row.message}"
        for row in report.diagnostics
        if row.rule_id not in NOT_FINDINGS and not (row.rule_id == "W9013" and is_of_another_account(path, row))
    ]


def is_of_another_account(path, row):
    """Whether a finding is about the ARN of another account, for which `AWS::AccountId` cannot be used."""
    manifest = path.parent / "manifest.json"
    if not manifest.exists():
        return False
    stacks = json.loads(manifest.read_text())["stacks"]
    own = {stack["account"] for stack in stacks if stack["template"] == path.name}
    # JSON is also valid YAML.
    resource = yaml.safe_load(path.read_text())["Resources"][row.entity.logical_id]
    named = set(re.findall(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}):", json.dumps(resource)))
    return bool(named) and not named & own
