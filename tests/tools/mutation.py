"""Mutation test of the validators: adds one mistake of each kind to a copy of an assembly. `judge.py` must report each of them.

    python mutation.py --node FOLDER ASSEMBLY
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def resource(template, kind):
    return next(entry for entry in template["Resources"].values() if entry["Type"] == kind)


def unknown_property(template):
    resource(template, "AWS::RDS::DBInstance")["Properties"]["Engin"] = "postgres"


def unknown_action(template):
    resource(template, "AWS::IAM::RolePolicy")["Properties"]["PolicyDocument"]["Statement"][0]["Action"] = ["ssm:GetParamter"]


def open_resource(template):
    statement = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": ["*"]}
    resource(template, "AWS::IAM::RolePolicy")["Properties"]["PolicyDocument"]["Statement"].append(statement)


def open_store(template):
    resource(template, "AWS::RDS::DBInstance")["Properties"]["StorageEncrypted"] = False


def deprecated_property(template):
    config = resource(template, "AWS::EKS::Cluster")["Properties"]["EncryptionConfig"]
    config[0]["Resources"] = ["secrets"]


# The mutations: a file, its change, and the expected message of the validators.
TEMPLATES = [
    ("data.template.json", unknown_property, "Engin"),
    ("services.template.json", unknown_action, "UNKNOWN_ACTION"),
    ("services.template.json", open_resource, "RESOURCE_STAR"),
    # Only checkov reports it.
    ("data.template.json", open_store, "CKV_AWS_16"),
    # A warning of AWS's validator that cfn-lint does not report.
    ("platform.template.json", deprecated_property, "W9009"),
]
MANIFESTS = [
    ("deployment-order.yaml", "revisionHistoryLimit:", "revisionHistoryLimi:", "revisionHistoryLimi"),
    ("configmap-order-config.yaml", 'DB_PORT: "5432"', "DB_PORT: on", "DB_PORT"),
    ("configmap-payment-config.yaml", "DB_HOST: ", "DB_HOST: ${data/nothing.Arn} ", "has no binding"),
    ("externalsecret-payment-secrets.yaml", "secretKey:", "secretKe:", "secretKey"),
    ("targetgroupbinding-order-entry.yaml", "targetType:", "targetTyp:", "targetTyp"),
]


def main():
    node, assembly = sys.argv[2], pathlib.Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "mutated"
        shutil.copytree(assembly, copy)
        for name, mutate, _ in TEMPLATES:
            template = json.loads((copy / name).read_text())
            mutate(template)
            (copy / name).write_text(json.dumps(template))
        for name, old, new, _ in MANIFESTS:
            [path] = copy.rglob(name)
            assert old in path.read_text(), f"{name} has no {old}"
            path.write_text(path.read_text().replace(old, new))
        command = [sys.executable, str(HERE / "judge.py"), "--node", node, str(copy)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    wanted = [row[-1] for row in TEMPLATES + MANIFESTS]
    missed = [text for text in wanted if text not in said.stdout]
    for text in missed:
        print(f"the judge does not say `{text}`")
    if said.returncode == 0:
        print("the judge finds nothing")
    print(f"judged: {len(wanted) - len(missed)} passed, {len(missed)} failed")
    sys.exit(1 if missed or said.returncode == 0 else 0)


if __name__ == "__main__":
    main()
