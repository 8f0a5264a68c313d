"""Checks IAM policies with parliament, with intrinsic functions replaced by their results.

Every action in every policy must be in the list of cfn-lint.
"""

import json
import pathlib
import re

import parliament
import yaml
from cfnlint.data import AdditionalSpecs
from cfnlint.helpers import load_resource

ACCOUNT = "111122223333"
REGION = "ap-northeast-1"
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
GRANTS = DOCS / "grants.md"
POLICIES = [DOCS / "policy-deployer.json", DOCS / "policy-reader.json"]
KNOWN = load_resource(AdditionalSpecs, "Policies.json")
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"

# Actions that are missing in parliament's older lists, each with the page that documents it.
NEWER = {
    "cloudformation:DescribeEvents": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html",
    "elasticloadbalancing:CreateAction": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html",
}


# Actions on several resource types. Parliament requires all types in one statement, but separate statements or fewer types are
# valid. Also public parameters, whose ARN has no account.
BY_TYPE = {
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
    "ec2:CreateFleet",
    "ec2:CreateLaunchTemplate",
    "ec2:RunInstances",
    "ssm:GetParameter",
}


def is_by_type(finding):
    """Whether a finding only reports that a statement lacks some resource types of such an action."""
    return finding.issue == "RESOURCE_MISMATCH" and all(row["action"] in BY_TYPE for row in finding.detail)


def check_policies(paths):
    """Returns the number of policies that passed, and the findings."""
    templates = {path: yaml.safe_load(path.read_text()) for path in paths}
    world = World(templates)
    passed, found = 0, []
    for path, template in templates.items():
        for logical_id, resource in template["Resources"].items():
            for document in documents(resource):
                problems = judge(world.fill(document, template))
                found += [f"{path}: {logical_id}: {problem}" for problem in problems]
                passed += not problems
        unknown = sorted({action for action in actions(template) if not is_known(action)})
        found += [f"{path}: no such action: {action}" for action in unknown]
        passed += not unknown
    return passed, found


def check_grants():
    """Checks that every action in docs/grants.md, which is generated from the code, exists."""
    wanted = sorted(set(re.findall(r"`([a-z-]+:[A-Z][A-Za-z]+|rds-db:connect)`", GRANTS.read_text())))
    found = [f"{GRANTS.name}: no such action: {action}" for action in wanted if not is_known(action)]
    found += [] if wanted else [f"{GRANTS.name}: it names no action"]
    return len(wanted) - len(found), found


def check_deployer():
    """Checks that the policies of `meshsynth bootstrap --print-policy` use existing actions with valid resources."""
    passed, found = 0, []
    for path in POLICIES:
        document = json.loads(path.read_text())
        problems = [f"no such action: {action}" for action in actions(document) if not is_known(action)]
        # Each platform chooses the names of its stacks and clusters, so the statements apply to all names.
        problems += [problem for problem in judge(document) if not problem.startswith("RESOURCE_EFFECTIVELY_STAR")]
        found += [f"{path.name}: {problem}" for problem in problems]
        passed += not problems
    return passed, found


def actions(value):
    """Returns the actions of every statement in a template."""
    if isinstance(value, list):
        for item in value:
            yield from actions(item)
    elif isinstance(value, dict):
        if "Effect" in value and "Action" in value:
            yield from [value["Action"]] if isinstance(value["Action"], str) else value["Action"]
        for item in value.values():
            yield from actions(item)


def is_known(action):
    """Whether an action exists. A wildcard, such as `kms:*`, must match an existing action."""
    service, _, name = action.lower().partition(":")
    names = KNOWN.get(service, {}).get("Actions", {})
    return any(known.startswith(name[:-1]) for known in names) if name.endswith("*") else name in names


def documents(resource):
    """Returns the identity policies of a resource. Trust policies and resource policies have no resources."""
    properties = resource.get("Properties", {})
    if resource["Type"] in ("AWS::IAM::RolePolicy", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        yield properties["PolicyDocument"]
    for inline in properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
        yield inline["PolicyDocument"]


def judge(document):
    policy = parliament.analyze_policy_string(json.dumps(document), include_community_auditors=False)
    findings = [f"{finding.issue}: {finding.detail}" for finding in policy.findings if not is_by_type(finding)]
    return [finding for finding in findings if not any(known in finding for known in NEWER)]


class World:
    """Returns the results of the intrinsic functions in an assembly's templates after deployment."""

    def __init__(self, templates):
        self.exports, self.outputs = {}, {}
        for path, template in templates.items():
            stack = f"{path.parent.name}-{path.name.partition('.template.')[0]}"
            for name, output in template.get("Outputs", {}).items():
                self.outputs[stack, name] = (output["Value"], template)
                if "Export" in output:
                    self.exports[output["Export"]["Name"]] = (output["Value"], template)

    def fill(self, value, template):
        if isinstance(value, list):
            return [self.fill(item, template) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref":
                return self.reference(argument, template)
            if name == "Fn::GetAtt":
                return self.attribute(*argument, template)
            if name == "Fn::ImportValue":
                return self.fill(*self.exports[argument])
            if name == "Fn::GetStackOutput":
                return self.fill(*self.outputs[argument["StackName"], argument["OutputName"]])
            if name == "Fn::Select":
                return self.fill(argument[1], template)[int(argument[0])]
            if name == "Fn::Split":
                return self.fill(argument[1], template).split(argument[0])
            if name == "Fn::Sub":
                return self.text(argument, template)
            if name.startswith("Fn::"):
                raise ValueError(f"a policy with {name} is not known here")
        return {key: self.fill(item, template) for key, item in value.items()}

    def text(self, argument, template):
        text, variables = (argument, {}) if isinstance(argument, str) else argument

        def variable(match):
            name = match[1]
            if name in variables:
                return str(self.fill(variables[name], template))
            logical_id, _, attribute = name.partition(".")
            return self.attribute(logical_id, attribute, template) if attribute else self.reference(name, template)

        return re.sub(r"\$\{([^!}]+)\}", variable, text).replace("${!", "${")

    def reference(self, name, template):
        pseudo = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}
        if name in pseudo:
            return pseudo[name]
        if name in template.get("Parameters", {}):
            # The values that a platform reads from SSM for its policies are keys.
            return arn("AWS::KMS::Key")
        kind = template["Resources"][name]["Type"]
        by_arn = (
            "AWS::SecretsManager::Secret", "AWS::MSK::Cluster", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"
        )
        return arn(kind) if kind in by_arn else "name"

    def attribute(self, logical_id, attribute, template):
        kind = template["Resources"][logical_id]["Type"]
        if attribute == "MasterUserSecret.SecretArn":
            return arn("AWS::SecretsManager::Secret")
        if attribute == "StreamArn":
            return f"{arn(kind)}/stream/2026-01-01T00.00.00"
        if attribute.lower().endswith("arn"):
            return arn(kind)
        return "name"


def arn(kind):
    """Returns an ARN for a resource type, in the format of its service."""
    service, resource = {
        "AWS::KMS::Key": ("kms", f"key/{UUID}"),
        "AWS::KMS::ReplicaKey": ("kms", f"key/mrk-{UUID.replace('-', '')}"),
        "AWS::DynamoDB::GlobalTable": ("dynamodb", "table/name"),
        "AWS::SecretsManager::Secret": ("secretsmanager", "secret:name-AbCdEf"),
        "AWS::MSK::Cluster": ("kafka", f"cluster/name/{UUID}-1"),
        "AWS::MSK::ServerlessCluster": ("kafka", f"cluster/name/{UUID}-s1"),
        "AWS::ECR::Repository": ("ecr", "repository/name"),
        "AWS::Logs::LogGroup": ("logs", "log-group:name:*"),
        "AWS::ElastiCache::ReplicationGroup": ("elasticache", "replicationgroup:name"),
        "AWS::ElastiCache::User": ("elasticache", "user:name"),
        "AWS::SSM::Parameter": ("ssm", "parameter/name"),
        "AWS::EKS::Cluster": ("eks", "cluster/name"),
        "AWS::IAM::Role": ("iam", "role/name"),
        "AWS::RDS::DBInstance": ("rds", "db:name"),
        "AWS::S3::Bucket": ("s3", "name"),
        "AWS::SNS::Topic": ("sns", "name"),
        "AWS::SQS::Queue": ("sqs", "name"),
        "AWS::StepFunctions::StateMachine": ("states", "stateMachine:name"),
        "AWS::Lambda::Function": ("lambda", "function:name"),
        "AWS::Events::EventBus": ("events", "event-bus/name"),
        "AWS::Events::Rule": ("events", "rule/name"),
        "AWS::Scheduler::Schedule": ("scheduler", "schedule/default/name"),
        "AWS::RDS::DBCluster": ("rds", "cluster:name"),
        "AWS::EFS::FileSystem": ("elasticfilesystem", "file-system/fs-0123456789abcdef0"),
        "AWS::EFS::AccessPoint": ("elasticfilesystem", "access-point/fsap-0123456789abcdef0"),
        "AWS::OpenSearchService::Domain": ("es", "domain/name"),
        "AWS::AmazonMQ::Broker": ("mq", f"broker:name:b-{UUID}"),
        "AWS::Cognito::UserPool": ("cognito-idp", "userpool/eu-west-1_name"),
        "AWS::IAM::InstanceProfile": ("iam", "instance-profile/name"),
        "AWS::CodeBuild::Project": ("codebuild", "project/name"),
        "AWS::CodeConnections::Connection": ("codeconnections", f"connection/{UUID}"),
    }[kind]
    if service == "s3":
        return f"arn:aws:s3:::{resource}"
    region = "" if service == "iam" else REGION
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"
