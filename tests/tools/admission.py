"""Compares `meshsynth check` for admission policies with a real API server.

Each case in crates/cli/tests/fixtures/policies is a file with a policy, its bindings and its parameters, and a file with objects. The
policy is activated, and each object is created as a dry run. The answers of the API server are compared with the findings of
the command. `--record` stores the answers, which the tests of the command use without a server.
"""

import argparse
import http.server
import json
import pathlib
import ssl
import http.client
import subprocess
import sys
import tempfile
import threading
import time

import yaml

from control_plane import TOKEN, ControlPlane, Refused

CASES = pathlib.Path(__file__).resolve().parent.parent.parent / "crates/cli/tests/fixtures/policies"
POLICIES = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
DENIED = "ValidatingAdmissionPolicy '{}' with binding '{}' denied request: "


class Audited(ControlPlane):
    """API servers with an audit log, which contains the audit annotations of policies."""

    def run(self, name, *words):
        if words[0] == "apiserver":
            policy = self.folder / "audit.yaml"
            policy.write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Metadata }]\n")
            words += (f"--audit-policy-file={policy}", f"--audit-log-path={self.folder / name}.audit")
        super().run(name, *words)


class NoWebhook(http.server.BaseHTTPRequestHandler):
    """Only the test itself calls the server."""

    def do_POST(self):
        body = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": {"authenticated": False}})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def documents(path):
    return [it for it in yaml.safe_load_all(path.read_text()) if it]


def is_judged(object_):
    """Whether the test checks an object. Namespaces are only created for other objects, unless they have an annotation."""
    return object_["kind"] != "Namespace" or "test/judged" in object_["metadata"].get("annotations", {})




class Server:
    """Calls the API server by kind."""

    def __init__(self, server):
        self.server, self.client, self.paths = server, server.client(), {}

    def path(self, object_):
        key = object_["apiVersion"], object_["kind"]
        until = time.monotonic() + 30
        while key not in self.paths and time.monotonic() < until:
            root = f"/api/{key[0]}" if "/" not in key[0] else f"/apis/{key[0]}"
            for row in (self.client.get(root) or {"resources": []})["resources"]:
                if "/" not in row["name"]:
                    self.paths[key[0], row["kind"]] = root, row["name"], row["namespaced"]
            if key not in self.paths:
                time.sleep(0.5)
        root, plural, is_namespaced = self.paths[key]
        namespace = object_["metadata"].get("namespace", "default")
        return f"{root}/namespaces/{namespace}/{plural}" if is_namespaced else f"{root}/{plural}"

    def create(self, object_):
        try:
            self.client.call("POST", self.path(object_), object_)
        except Refused as refused:
            if refused.code != 409:
                raise

    def delete(self, object_):
        self.client.call("DELETE", f"{self.path(object_)}/{object_['metadata']['name']}")

    def dry_run(self, object_):
        """Returns the message of a rejection, and the warnings."""
        context = ssl.create_default_context(cafile=str(self.server.folder / "apiserver.crt"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.server.port, context=context, timeout=60)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        connection.request("POST", self.path(object_) + "?dryRun=All", json.dumps(object_), headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        warnings = [it.split('"')[1] if '"' in it else it for it in answer.headers.get_all("Warning") or []]
        connection.close()
        return {"code": answer.status, "message": body.get("message", "") if answer.status >= 300 else "", "reason": body.get("reason", "") if answer.status >= 300 else "",
                "warnings": sorted(it for it in warnings if "ValidatingAdmissionPolicy" in it), "audit": answer.headers.get("Audit-ID")}


def refusals(server, case):
    """Returns the invalid policies."""
    for it in documents(CASES / f"{case}.policy.yaml"):
        answer = server.dry_run(it) if it["kind"] in POLICIES else {"code": 201}
        if answer["code"] >= 300:
            yield f"{case}: {answer['message']}"


def answers(server, folder, case):
    """Returns the answer of the API server for each object of a case."""
    policy, objects = documents(CASES / f"{case}.policy.yaml"), documents(CASES / f"{case}.objects.yaml")
    own = [it for it in policy if it["kind"] in POLICIES]
    before = [it for it in policy if it["kind"] not in POLICIES] + [it for it in objects if not is_judged(it)]
    for it in sorted(before, key=lambda it: it["kind"] not in ("Namespace", "CustomResourceDefinition")):
        server.create(it)
    for it in objects:
        if is_judged(it) and it["kind"] == "Pod":
            wait_for(lambda: server.client.get(f"/api/v1/namespaces/{it['metadata']['namespace']}/serviceaccounts/default"))
    judged = [it for it in objects if is_judged(it)]
    for it in own:
        server.create(it)
    # A policy is active after the informers have read it, which is not visible. Wait until the answers are stable.
    has_params = any("paramKind" in it["spec"] for it in own)
    last, since = None, time.monotonic()
    until = since + 60
    while time.monotonic() < until:
        now = [server.dry_run(it) for it in judged]
        seen = [{key: value for key, value in it.items() if key != "audit"} for it in now]
        if seen != last:
            last, since = seen, time.monotonic()
        elif time.monotonic() - since > (12 if has_params else 4):
            break
        time.sleep(0.5)
    audited = annotations(server, folder, {it["audit"] for it in now})
    out = {}
    names = [it["metadata"]["name"] for it in own if it["kind"] == POLICIES[0]]
    for object_, answer in zip(judged, now):
        found = audited.get(answer["audit"], {})
        row = {"denied": None, "warned": answer["warnings"], "audited": sorted(
            f"{key.partition('/')[2]}: {value}" for key, value in found.items() if key.partition("/")[0] in names)}
        failures = found.get("validation.policy.admission.k8s.io/validation_failure")
        row["failures"] = sorted(it["message"] for it in json.loads(failures)) if failures else []
        if answer["code"] >= 300:
            if "ValidatingAdmissionPolicy" not in answer["message"]:
                raise RuntimeError(f"{case}: {object_['metadata']['name']} is refused by another judge: {answer['message']}")
            row["denied"] = answer["message"].partition("ValidatingAdmissionPolicy ")[2]
            row["reason"] = answer["reason"]
        out[object_["metadata"]["name"]] = row
    for it in own:
        server.delete(it)
    wait_for(lambda: not any("ValidatingAdmissionPolicy" in (answer := server.dry_run(it))["message"] or answer["warnings"] for it in judged))
    return out


def wait_for(holds):
    until = time.monotonic() + 30
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError("it does not come to pass")
        time.sleep(0.3)


def annotations(server, folder, wanted):
    """Returns the annotations of requests in the audit log."""
    time.sleep(0.3)
    rows = (json.loads(line) for line in (folder / f"{server.server.name}.apiserver.audit").read_text().splitlines() if line)
    return {it["auditID"]: it.get("annotations", {}) for it in rows if it["auditID"] in wanted and it["stage"] == "ResponseComplete"}


def found(binary, case):
    """Returns the findings of the command for each object of a case: severity, code and message."""
    with tempfile.TemporaryDirectory() as folder:
        path = CASES / f"{case}.policy.yaml"
        (pathlib.Path(folder) / "meshsynth.toml").write_text(f'[policy]\nfiles = ["{path}"]\n')
        call = [binary, "check", "--complete", "--format", "json", str(CASES / f"{case}.objects.yaml")]
        done = subprocess.run(call, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        rows = json.loads(done.stdout)["diagnostics"]
    out = {it["metadata"]["name"]: [] for it in documents(CASES / f"{case}.objects.yaml") if is_judged(it)}
    for row in rows:
        if row["code"] in ("MS0127", "MS0128"):
            kinds = [name for name in out if row["construct"].endswith(f"-{name}")]
            out[max(kinds, key=len)].append((row["severity"], row["code"], row["message"]))
    return out


def compared(answer, rows):
    """Whether the command agrees with the API server. Returns None if the command cannot evaluate the policy."""
    errors = [message for severity, code, message in rows if severity == "error"]
    if not errors and any(code == "MS0128" for _, code, _ in rows):
        return None
    told = [message for severity, _, message in rows if severity == "warning"]
    if answer["denied"] is None:
        same = not errors
    else:
        # The API server has its own error texts for expressions.
        text = answer["denied"].partition(" denied request: ")[2]
        is_error = "resulted in error" in text or text.startswith("failed to configure")
        same = bool(errors) and (is_error or any(it.endswith(f": {text}") for it in errors))
    warned = [it.partition(": ")[2] for it in answer["warned"]]
    return same and all(any(it.endswith(f": {text}") for it in told) for text in warned) and (bool(told) == bool(warned) or bool(errors))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True, help="the program that tests/tools/apiserver builds")
    parser.add_argument("--record", action="store_true", help="write the answers beside the cases")
    parser.add_argument("--case", action="append", help="only these, such as 04-selectors")
    parser.add_argument("binary")
    args = parser.parse_args()
    webhook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), NoWebhook)
    threading.Thread(target=webhook.serve_forever, daemon=True).start()
    binary = str(pathlib.Path(args.binary).resolve())
    cases = args.case or sorted(it.name.removesuffix(".policy.yaml") for it in CASES.glob("*.policy.yaml"))
    n_same, unjudged, wrong, recorded = 0, [], [], {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with Audited(args.server, folder, ["one", "two"], f"http://127.0.0.1:{webhook.server_port}") as plane:
            # Alternate between two servers, because a server needs long to watch parameters of a kind again.
            servers = [Server(it) for it in plane.servers]
            version = servers[0].client.get("/version")["gitVersion"]
            for it in servers:
                wait_for(lambda: it.client.get("/api/v1/namespaces/default"))
            refused = [text for case in cases for text in refusals(servers[0], case)]
            if refused:
                sys.exit("\n".join(refused))
            for idx, case in enumerate(cases):
                recorded[case] = answers(servers[idx % 2], folder, case)
                own = found(binary, case)
                for name, answer in recorded[case].items():
                    same = compared(answer, own[name])
                    if same is None:
                        unjudged.append(f"{case}/{name}")
                    elif same:
                        n_same += 1
                    else:
                        wrong.append(f"{case}/{name}: the API server: {json.dumps(answer)}\n    the command: {own[name]}")
                print(f"    {case}: {len(recorded[case])} objects", flush=True)
    if args.record:
        if args.case:
            recorded = json.loads((CASES / "answers.json").read_text())["answers"] | recorded
        (CASES / "answers.json").write_text(json.dumps({"server": version, "answers": recorded}, indent=1) + "\n")
    for it in wrong:
        print(f"FAILED {it}")
    print(f"{len(cases)} policies, {n_same + len(unjudged) + len(wrong)} objects, API server {version}: {n_same} judged the same, "
          f"{len(wrong)} not; cannot be judged offline: {', '.join(unjudged) or 'none'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
