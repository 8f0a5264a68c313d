"""IAM policies under parliament, with intrinsic functions filled in by plausible values."""

import json
import re

import parliament
import yaml

ACCOUNT = "111122223333"
ARN = f"arn:aws:service:ap-northeast-1:{ACCOUNT}:thing/name"


def check_policies(paths):
    """Returns how many policies passed, and what was found."""
    passed, found = 0, []
    for path in paths:
        template = yaml.safe_load(path.read_text())
        for logical_id, resource in template["Resources"].items():
            for document in documents(resource):
                problems = judge(document)
                found += [f"{path}: {logical_id}: {problem}" for problem in problems]
                passed += not problems
    return passed, found


def documents(resource):
    """The identity policies of a resource; trust and resource policies have no resources of their own."""
    properties = resource.get("Properties", {})
    if resource["Type"] in ("AWS::IAM::RolePolicy", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        yield properties["PolicyDocument"]
    for inline in properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
        yield inline["PolicyDocument"]


def judge(document):
    text = json.dumps(fill(document))
    policy = parliament.analyze_policy_string(text, include_community_auditors=False)
    problems = []
    for finding in policy.findings:
        # Its list of actions is older than the services; cfn-lint's own list is current.
        if finding.issue in ("UNKNOWN_ACTION", "UNKNOWN_PREFIX"):
            continue
        problems.append(f"{finding.issue}: {finding.detail} {finding.location}")
    return problems


def fill(value):
    """Puts values where CloudFormation would."""
    if isinstance(value, list):
        return [fill(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Sub"}:
        sub = value["Fn::Sub"]
        text, variables = (sub, {}) if isinstance(sub, str) else sub
        return re.sub(r"\$\{([^!}]*)\}", lambda match: variable(match[1], variables, text), text)
    if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
        return known(next(iter(value)), value)
    return {key: fill(item) for key, item in value.items()}


def variable(name, variables, text):
    if name == "AWS::Partition":
        return "aws"
    if name == "AWS::AccountId":
        return ACCOUNT
    is_whole_arn = text.startswith("${" + name) and name.endswith("Arn")
    return ARN if is_whole_arn else "name"


ARNS = {
    "kms": f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "ssm": f"arn:aws:ssm:ap-northeast-1:{ACCOUNT}:parameter/name",
    "secret": f"arn:aws:secretsmanager:ap-northeast-1:{ACCOUNT}:secret:name-AbCdEf",
    "kafka": f"arn:aws:kafka:ap-northeast-1:{ACCOUNT}:cluster/name/1234abcd-12ab-34cd-56ef-1234567890ab-1",
    "repository": f"arn:aws:ecr:ap-northeast-1:{ACCOUNT}:repository/name",
    "logs": f"arn:aws:logs:ap-northeast-1:{ACCOUNT}:log-group:name",
}


def known(function, value):
    """An ARN of any service: parliament then checks the actions against the resource's shape."""
    del function, value
    return "*"
