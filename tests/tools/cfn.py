"""CloudFormation templates under cfn-lint and AWS's validator."""

import json
import pathlib
import subprocess
import sys

from cloudformation_validate import CompositeEngine, PseudoParameterOverrides, ValidateConfig

CFN_LINT = [str(pathlib.Path(sys.executable).parent / "cfn-lint")]

# Notes that say nothing against a template; docs/testing.md gives the reasons.
NOT_FINDINGS = {
    "I4010": "asks for a description of the architecture, for tools that have no graph.json",
    "I9001": "says of a property in use that changing it would replace the resource, as of every VPC's block",
}


def check_templates(templates):
    """Returns how many template checks passed, and what was found."""
    passed, found = 0, []
    engine = CompositeEngine()
    for path, region in templates:
        problems = lint(path, region) + validate(engine, path, region)
        found += problems
        passed += 2 if not problems else 0
    return passed, found


def lint(path, region):
    command = [*CFN_LINT, "-e", "-c", "I", "-i", "I4010", "-r", region, "-f", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        return [f"{path}: cfn-lint gave nothing: {done.stderr.strip()[:500]}"]
    return [
        f"{path}: {row['Rule']['Id']} {'/'.join(map(str, row['Location']['Path'] or []))}: {row['Message']}"
        for row in json.loads(done.stdout)
    ]


def validate(engine, path, region):
    config = ValidateConfig(pseudo_parameter_overrides=PseudoParameterOverrides(region=region))
    report = engine.validate_template(str(path), config)
    return [
        f"{path}: {row.severity.name} {row.rule_id}: {row.message}"
        for row in report.diagnostics
        if row.rule_id not in NOT_FINDINGS
    ]
