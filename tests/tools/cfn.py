"""CloudFormation templates under cfn-lint and AWS's validator."""

import json
import subprocess
import sys

from cloudformation_validate import CompositeEngine


def check_templates(templates):
    """Returns how many template checks passed, and what was found."""
    passed, found = 0, []
    engine = CompositeEngine()
    for path, region in templates:
        problems = lint(path, region) + validate(engine, path)
        found += problems
        passed += 2 if not problems else 0
    return passed, found


def lint(path, region):
    # I4010 asks for a metadata section that only a registry of templates reads.
    command = [sys.executable, "-m", "cfnlint", "-e", "-c", "I", "-i", "I4010", "-r", region, "-f", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        return [f"{path}: cfn-lint gave nothing: {done.stderr.strip()[:500]}"] if done.returncode else []
    return [
        f"{path}: {row['Rule']['Id']} {'/'.join(map(str, row['Location']['Path'] or []))}: {row['Message']}"
        for row in json.loads(done.stdout)
    ]


def validate(engine, path):
    report = engine.validate_template(str(path))
    return [f"{path}: {row.severity.name} {row.rule_id}: {row.message}" for row in report.diagnostics]
