"""Deploys a small platform in two regions to MiniStack, with the real binary and the real SDK.

The platform is created, left unchanged, updated, fails and rolls back, and is fixed. The deployment is killed at random
moments and run again, and the platform is destroyed. MiniStack listens only on loopback, on a free port.
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

from cluster import Server

REGIONS = ["ap-northeast-1", "ap-northeast-3"]
PASSED, FAILED = [], []


def check(name, holds, text=""):
    (PASSED if holds else FAILED).append(name)
    if not holds:
        print(f"FAILED {name}\n{text}")


def queue(seconds):
    return {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": seconds}}


def export(app, stack, output, value):
    return {output: {"Value": value, "Export": {"Name": f"{app}-{stack}:{output}"}}}


def platform(app, version, broken=False, large=False):
    """Returns the stacks by ID, with region, dependencies and template."""
    stacks = {}
    for region in REGIONS:
        base, data = f"base-{region}", f"data-{region}"
        parameters = {f"Setting{n}": {"Type": "AWS::SSM::Parameter", "Properties": {
            "Type": "String", "Name": f"/{app}/{region}/{n}", "Value": f"{version}-{'x' * 900}"}} for n in range(60 if large else 2)}
        stacks[base] = (region, [], {
            "Resources": {"Orders": queue(10 * version), "Topic": {"Type": "AWS::SNS::Topic"}, **parameters},
            "Outputs": export(app, base, "OrdersArn", {"Fn::GetAtt": ["Orders", "Arn"]}),
        })
        resources = {"Table": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Delete", "Properties": {
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}},
            "Where": {"Type": "AWS::SSM::Parameter", "Properties": {
                "Type": "String", "Value": {"Fn::ImportValue": f"{app}-{base}:OrdersArn"}}}}
        if broken:
            resources["Wrong"] = {"Type": "AWS::EC2::EIP"}
        stacks[data] = (region, [base], {"Resources": resources})
    return stacks


def write(folder, app, stacks, objects=None):
    assembly = folder / "synth.out" / app
    shutil.rmtree(assembly, ignore_errors=True)
    assembly.mkdir(parents=True)
    rows = []
    for id_, (region, needs, template) in stacks.items():
        (assembly / f"{id_}.template.json").write_text(json.dumps(template, indent=2))
        rows.append({
            "id": id_, "name": f"{app}-{id_}", "account": None, "region": region, "needs": needs, "imports": [],
            "tags": {}, "template": f"{id_}.template.json",
            "resources": {name: {"construct": f"{id_}/{name.lower()}", "source": "src/main.rs:7:5",
                                 "stateful": row["Type"] == "AWS::DynamoDB::Table", "type": row["Type"]}
                          for name, row in template["Resources"].items()},
        })
    files, objects = [row["template"] for row in rows], objects or {}
    for path, value in objects.items():
        (assembly / path).parent.mkdir(parents=True, exist_ok=True)
        (assembly / path).write_text(json.dumps(value))
    place = {"construct": "run/orders", "source": "src/main.rs:9:5"}
    cluster = {"id": "run", "name": "run", "account": None, "region": REGIONS[0], "needs": [], "releases": [],
               "objects": [{"path": path, **place} for path in objects]}
    manifest = {"format_version": 1, "app": app, "stacks": rows, "clusters": [cluster] if objects else [], "files": [*files, *objects]}
    (assembly / "manifest.json").write_text(json.dumps(manifest))
    (assembly / "bindings.json").write_text("{}")
    (assembly / "graph.json").write_text("{}")
    (assembly / "diagnostics.json").write_text("[]")
    (folder / "meshsynth.toml").write_text("".join(
        f"[apps.{name}]\nrun = ['sh', '-c', 'cp -R synth.out/{name}/. \"$MESHSYNTH_OUT\"']\n[deploy.{name}]\nprotect = false\n" for name in ["shop", "kill", "calm"]))


class Emulator:
    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = open(folder / "ministack.log", "w")
        program = pathlib.Path(sys.executable).parent / "ministack"
        environment = {**os.environ, "BIND_HOST": "127.0.0.1", "AUTH": "true", "GATEWAY_PORT": str(self.port)}
        self.process = subprocess.Popen([program], env=environment, stdout=self.log, stderr=self.log, cwd=folder)
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1)
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.2)
        raise SystemExit("MiniStack does not start: " + (folder / "ministack.log").read_text()[-2000:])

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


    def call(self, service, region, form):
        """Queries the emulator directly, which reads region and service from the credential."""
        scope = f"test/20261121/{region}/{service}/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
        data = urllib.parse.urlencode(form).encode()
        return urllib.request.urlopen(urllib.request.Request(self.url, data, headers), timeout=20).read().decode()

    def is_locked(self, region, app):
        """Whether the lock of an app is held, according to its object."""
        stack = {"Action": "DescribeStacks", "Version": "2010-05-15", "StackName": "meshsynth-bootstrap"}
        bucket = xml.etree.ElementTree.fromstring(self.call("cloudformation", region, stack)).findtext(".//{*}OutputValue")
        scope = f"test/20261121/{region}/s3/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
        request = urllib.request.Request(f"{self.url}/{bucket}/meshsynth/{app}/lock.json", headers=headers)
        try:
            text = urllib.request.urlopen(request, timeout=20).read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            raise
        return not json.loads(text)["is_over"]

    def template(self, region, stack):
        text = self.call("cloudformation", region, {"Action": "GetTemplate", "Version": "2010-05-15", "StackName": stack})
        body = xml.etree.ElementTree.fromstring(text).find(".//{*}TemplateBody")
        return json.loads(body.text)


class Meshsynth:
    def __init__(self, binary, folder, url):
        self.binary, self.folder = binary, folder
        keep = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        self.environment = {**keep, "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "test", "NO_COLOR": "1",
                            "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}

    def start(self, *args):
        return subprocess.Popen([self.binary, *args], cwd=self.folder, env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def run(self, *args):
        process = self.start(*args)
        text = process.communicate(timeout=300)[0]
        return process.returncode, text

    def states(self, app):
        code, text = self.run("status", app, "--json")
        rows = json.loads(text)["stacks"] if code == 0 else []
        return {row["id"]: row["state"] for row in rows}


def all_are(states, *wanted):
    return len(states) == 4 and all(state in wanted for state in states.values())


def walk(meshsynth, folder):
    deploy = ("deploy", "shop", "--require-approval", "never")
    write(folder, "shop", platform("shop", 1, large=True))
    code, text = meshsynth.run(*deploy)
    check("a large template wants a bucket", code == 2 and "templates above 51200 bytes must be in S3" in text, text)
    code, text = meshsynth.run("bootstrap", "--region", ",".join(REGIONS))
    check("bootstrap makes the buckets", code == 0, text)
    code, text = meshsynth.run(*deploy)
    check("four stacks in two regions are created, two templates by S3", code == 0, text)
    check("they are complete", all_are(meshsynth.states("shop"), "CREATE_COMPLETE", "UPDATE_COMPLETE"), text)
    code, text = meshsynth.run(*deploy)
    check("a second run changes nothing", code == 0 and text.count("no changes") == 4, text)
    diff = ("diff", "shop", "--base", "deployed", "--exit-code")
    code, text = meshsynth.run(*diff)
    check("what is deployed does not differ from what was deployed",
          code == 0 and "no changes" in text and "the deployed state (4 stacks)" in text, text)
    few = {id_: row for id_, row in platform("shop", 1, large=True).items() if id_ != "data-ap-northeast-3"}
    write(folder, "shop", few)
    code, text = meshsynth.run(*diff, "--deny", "data-loss")
    check("a stack that the platform no longer has is found by its tags",
          code == 1 and "AWS::DynamoDB::Table" in text and "gate `data-loss` failed" in text, text)
    write(folder, "shop", platform("shop", 2))
    code, text = meshsynth.run(*diff)
    check("a comparison with what is deployed tells what a deployment would do",
          code == 1 and "VisibilityTimeout: 10 → 20" in text and "2 replace" not in text, text)
    code, text = meshsynth.run("deploy", "shop", "--plan", "plan.json")
    check("a plan is written", code == 0 and "planned shop: 4 stacks in 2 rows" in text, text)
    code, text = meshsynth.run("deploy", "shop", "--require-approval", "always")
    check("nobody is asked without a terminal", code == 1 and "pass `--require-approval never`" in text, text)
    code, text = meshsynth.run("deploy", "plan.json", "--require-approval", "never")
    check("the plan is performed", code == 0, text)
    write(folder, "shop", platform("shop", 3, broken=True))
    code, text = meshsynth.run(*deploy)
    check("what fails is told with its line", code == 1 and "= help: " in text and "`shop`: " in text, text)
    states = meshsynth.states("shop")
    check("what failed is rolled back or untouched", all(state and "FAILED" not in state for state in states.values()), str(states))
    write(folder, "shop", platform("shop", 4))
    code, text = meshsynth.run(*deploy)
    check("what is fixed goes on", code == 0, text)
    code, text = meshsynth.run("destroy", "shop")
    check("nothing is destroyed without a word", code == 2 and "pass `--yes`" in text, text)
    code, text = meshsynth.run("destroy", "shop", "--yes")
    check("everything is destroyed", code == 0, text)
    check("nothing is left", all(state is None for state in meshsynth.states("shop").values()), text)


def kill(meshsynth, folder, times, emulator):
    """A deployment that is killed at random moments and run again has the result of an undisturbed deployment."""
    dice = random.Random(7)
    deploy = ("deploy", "kill", "--require-approval", "never")
    write(folder, "kill", platform("kill", 1))
    code, text = meshsynth.run(*deploy)
    check("a deployment that is not killed", code == 0, text)
    write(folder, "kill", platform("kill", 2))
    begin = time.monotonic()
    code, text = meshsynth.run(*deploy)
    check("an update that is not killed", code == 0, text)
    took = time.monotonic() - begin
    version, wrong, killed = 2, 0, 0
    for _ in range(20 * times):
        if killed == times:
            break
        version += 1
        write(folder, "kill", platform("kill", version))
        process = meshsynth.start(*deploy)
        time.sleep(dice.uniform(0, took))
        # A deployment that has already ended does not count. The next one gets less time.
        if process.poll() is None:
            killed += 1
        else:
            took *= 0.9
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if dice.random() < 0.3:
            code, text = meshsynth.run(*deploy)
            wrong += code != 0
    check(f"killed {times} times at work", killed == times, f"{killed} times")
    code, text = meshsynth.run(*deploy)
    check("run again after each", code == 0 and wrong == 0, text)
    check("the end is complete", all_are(meshsynth.states("kill"), "CREATE_COMPLETE", "UPDATE_COMPLETE"))
    code, text = meshsynth.run(*deploy)
    check("and it is the end", code == 0 and text.count("no changes") == 4, text)
    stacks = platform("kill", version)
    same = [emulator.template(region, f"kill-{id_}") == template for id_, (region, _, template) in stacks.items()]
    check("every stack has the last template", same == [True] * 4, str(same))
    # An undisturbed deployment of the same version with another app name has the same resources with the same names.
    write(folder, "calm", platform("calm", version))
    code, text = meshsynth.run("deploy", "calm", "--require-approval", "never")
    check("an undisturbed deployment beside it", code == 0, text)
    for id_, (region, _, _) in stacks.items():
        disturbed, calm = (resources(emulator, region, f"{app}-{id_}") for app in ("kill", "calm"))
        check(f"{id_} ends as if undisturbed", disturbed == calm and len(calm) > 1, f"{disturbed}\n{calm}")
    meshsynth.run("destroy", "calm", "--yes")


def resources(emulator, region, stack):
    """Returns the type and state of each resource, by logical ID."""
    text = emulator.call("cloudformation", region, {
        "Action": "DescribeStackResources", "Version": "2010-05-15", "StackName": stack})
    rows = xml.etree.ElementTree.fromstring(text).findall(".//{*}StackResources/{*}member")
    field = lambda row, name: row.findtext(f"{{*}}{name}")
    return {field(row, "LogicalResourceId"): field(row, "ResourceType") for row in rows}


def stopped(meshsynth, emulator, folders, deploy):
    """Starts a deployment of a new version, and stops its process while it holds the lock."""
    first = int(time.time()) % 3000 + 100
    for version in range(first, first + 50):
        for folder in folders:
            write(folder, "shop", platform("shop", version))
        process = meshsynth.start(*deploy)
        while process.poll() is None:
            if emulator.is_locked(REGIONS[-1], "shop"):
                process.send_signal(signal.SIGSTOP)
                # It may have released the lock in the meantime.
                if process.poll() is None and emulator.is_locked(REGIONS[-1], "shop"):
                    return process
                process.send_signal(signal.SIGCONT)
        process.communicate()
    raise SystemExit("no deployment was ever seen at work")


def two(binary, meshsynth, folder, emulator):
    """Two machines deploy one app at the same time: one succeeds, the other reports the lock holder and the time."""
    other = folder / "other"
    other.mkdir()
    bob = Meshsynth(binary, other, emulator.url)
    meshsynth.environment["USER"], bob.environment["USER"] = "ann", "bob"
    deploy = ("deploy", "shop", "--require-approval", "never")
    process = stopped(meshsynth, emulator, (folder, other), deploy)
    code, loser = bob.run(*deploy)
    check("of two machines one deploys", code == 2, loser)
    check("the other says who holds the lock, and since when", re.search(
        r"another process deploys `shop`: ann\S* \(process \d+\) since 20\d\d-", loser) and "--break-lock" in loser, loser)
    process.send_signal(signal.SIGCONT)
    text = process.communicate(timeout=300)[0]
    check("the first one goes on to its end", process.returncode == 0, text)
    code, text = bob.run(*deploy)
    check("once that is done, the other deploys", code == 0 and text.count("no changes") == 4, text)
    # After a kill on one machine, that machine continues. Another machine waits or breaks the lock.
    process = stopped(meshsynth, emulator, (folder, other), deploy)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    code, text = bob.run(*deploy)
    check("another machine does not know that it is gone", code == 2 and "another process deploys" in text, text)
    code, text = bob.run(*deploy, "--break-lock")
    check("and breaks the lock when told", code == 0 and ", because of `--break-lock`" in text, text)
    check("nobody holds it afterwards", json.loads(bob.run("status", "shop", "--json")[1])["locks"] == [])


def many(meshsynth, folder):
    """Measures a deployment of twenty unchanged stacks."""
    stacks = {f"s{n:02}": (REGIONS[n % 2], [], {"Resources": {"Queue": queue(n + 1)}}) for n in range(20)}
    write(folder, "calm", stacks)
    code, text = meshsynth.run("deploy", "calm", "--require-approval", "never")
    check("twenty stacks are created", code == 0, text)
    process = meshsynth.start("deploy", "calm", "--require-approval", "never")
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    check("no changes in twenty stacks", process.returncode == 0 and text.count("no changes") == 20, text)
    megabytes = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    check("it holds less than 100 MB", megabytes < 100, f"{megabytes:.0f} MB")
    print(f"20 stacks, no changes: {megabytes:.0f} MB, {usage.ru_utime + usage.ru_stime:.1f} CPU s")
    thousand(meshsynth, folder, stacks)


def thousand(meshsynth, folder, stacks):
    """Measures a deployment of twenty unchanged stacks and a thousand unchanged objects."""
    server, path = Server(), "k8s/run/00-namespaces/namespace-shop.yaml"
    objects = {path: {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}}
    for n in range(999):
        objects[f"k8s/run/30-configuration/configmap-c{n:03}.yaml"] = {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{n:03}", "namespace": "shop"}, "data": {"a": "1"}}
    write(folder, "calm", stacks, objects)
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "one", "clusters": [{"name": "one", "cluster": {"server": server.url}}],
        "users": [{"name": "me", "user": {"token": "not a secret"}}], "contexts": [{"name": "one", "context": {"cluster": "one", "user": "me"}}]}))
    deploy = ("deploy", "calm", "--require-approval", "never", "--kubeconfig", str(kubeconfig))
    code, text = meshsynth.run(*deploy)
    check("a thousand objects are created", code == 0 and "1000 created" in text, text[-2000:])
    server.calls.clear()
    begin = time.monotonic()
    process = meshsynth.start(*deploy)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode, seconds = os.waitstatus_to_exitcode(status), time.monotonic() - begin
    check("no changes in a thousand objects", process.returncode == 0 and "1000 unchanged" in text, text[-2000:])
    writes = [call for call in server.calls if not call.startswith("GET ")]
    # One apply call for each object, and two for the inventory.
    check("a thousand objects need 1002 apply calls", len(writes) == 1002, len(writes))
    # The inventory, the version of the API, the namespace, and a list of each frequent kind.
    check("a thousand objects need at most 6 read calls", len(server.calls) - len(writes) <= 6, len(server.calls) - len(writes))
    cpu = usage.ru_utime + usage.ru_stime
    check("they need less than 30 CPU seconds in a debug build", cpu < 30, cpu)
    print(f"20 stacks and 1000 objects, no changes: {len(server.calls)} calls to the cluster, {cpu:.1f} CPU s, {seconds:.1f} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--kills", type=int, default=50)
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="meshsynth-emulator-"))
    emulator = Emulator(folder)
    try:
        meshsynth = Meshsynth(os.path.abspath(args.binary), folder, emulator.url)
        walk(meshsynth, folder)
        two(meshsynth.binary, meshsynth, folder, emulator)
        kill(meshsynth, folder, args.kills, emulator)
        many(meshsynth, folder)
        journal = (folder / "synth.out/.deploy/shop/journal.jsonl").read_text()
        check("the journal holds no value", not re.search(r"x{900}|AWS_SECRET", journal))
    finally:
        emulator.stop()
        if not FAILED:
            shutil.rmtree(folder)
    print(f"judged: {len(PASSED)} passed, {len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


main()
