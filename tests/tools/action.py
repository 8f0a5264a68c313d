"""Tests the scripts of action.yml and the GitLab job with a fake API and a fake command.

    python action.py

GitHub and GitLab are local servers that store comments. `meshsynth` is a script that records its
calls. `crates/cli/tests/it/ci.rs` runs `action/plan.sh` with the real command.
"""

import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MARKER = "<!-- meshsynth -->"
passed, failed = 0, 0


def check(what, is_fine, told=""):
    global passed, failed
    passed, failed = passed + bool(is_fine), failed + (not is_fine)
    if not is_fine:
        print(f"{what}\n{told}")


class Forge(http.server.BaseHTTPRequestHandler):
    """Serves comments of a GitHub pull request, and notes of a GitLab merge request."""

    comments, calls, busy = {}, [], 0

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def serve(self):
        text = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        Forge.calls.append((self.command, address.path))
        if Forge.busy:
            Forge.busy -= 1
            return self.answer(503, {"message": "busy"})
        token = self.headers.get("authorization") or self.headers.get("private-token")
        if token not in ("Bearer t0ken", "t0ken"):
            return self.answer(401, {"message": "who are you"})
        if "json" in (self.headers.get("content-type") or ""):
            body = json.loads(text)["body"] if text else ""
        else:
            body = dict(urllib.parse.parse_qsl(text)).get("body", "")
        base = f"http://{self.headers['host']}"
        listed, _, number = address.path.rpartition("/")
        if self.command == "GET":
            size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
            return self.answer(200, list(Forge.comments.values())[(page - 1) * size : page * size])
        if self.command == "POST":
            number = 1 + max(Forge.comments, default=0)
            Forge.comments[number] = {"id": number, "body": body, "user": {"type": "Bot"}}
            Forge.comments[number] |= {"url": f"{base}{address.path}/{number}", "html_url": f"https://forge.example/{number}"}
            return self.answer(201, Forge.comments[number])
        Forge.comments[int(number)]["body"] = body
        return self.answer(200, Forge.comments[int(number)])

    do_GET = do_POST = do_PATCH = do_PUT = serve


def comment(address, body, token="t0ken", marker=MARKER):
    """Runs `comment` of action/comment.mjs like action.yml."""
    module = (ROOT / "dist/action/comment.mjs").as_uri()
    arguments = {"api": address, "token": token, "repository": "shop/platform", "number": 7, "body": body, "marker": marker, "pause": 1}
    script = f'const {{ comment }} = await import("{module}"); console.log(await comment({json.dumps(arguments)}));'
    done = subprocess.run(["node", "--input-type=module", "--eval", script], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.strip() if done.returncode == 0 else done.stderr


def begin(*comments):
    Forge.comments, Forge.calls, Forge.busy = {}, [], 0
    for number, (kind, body) in enumerate(comments, 1):
        Forge.comments[number] = {"id": number, "body": body, "user": {"type": kind}, "url": f"/{number}", "html_url": f"https://forge.example/{number}"}


def methods():
    return [method for method, _ in Forge.calls]


def github(address):
    begin(("User", f"{MARKER}\nmine, not yours"), ("Bot", "another bot"), ("Bot", f"about {MARKER}\n"))
    code, told = comment(address, f"{MARKER}\none\n")
    check("a comment is made", code == 0 and told == "https://forge.example/4" and methods() == ["GET", "POST"], told)
    check("it is on the pull request", Forge.calls[1] == ("POST", "/repos/shop/platform/issues/7/comments"), Forge.calls)
    code, told = comment(address, f"{MARKER}\ntwo\n")
    check("the second time it is updated", code == 0 and methods()[2:] == ["GET", "PATCH"] and len(Forge.comments) == 4, told)
    check("it has the new text", Forge.comments[4]["body"] == f"{MARKER}\ntwo\n")
    check("others keep theirs", [Forge.comments[it]["body"] for it in (1, 2, 3)] == [f"{MARKER}\nmine, not yours", "another bot", f"about {MARKER}\n"])
    code, told = comment(address, f"{MARKER}\ntwo\n")
    check("the same text is not written again", code == 0 and told == "https://forge.example/4" and methods()[4:] == ["GET"], told)
    other = "<!-- meshsynth platforms/edge -->"
    code, told = comment(address, f"{other}\nedge\n", marker=other)
    check("another folder has a comment of its own", code == 0 and len(Forge.comments) == 5, told)
    begin(*[("User", "hm")] * 230, ("Bot", f"{MARKER}\r\nold"))
    for it in Forge.comments.values():
        it["url"] = f"{address}/repos/shop/platform/issues/comments/{it['id']}"
    code, told = comment(address, f"{MARKER}\nnew\n")
    check("it is found on the third page", code == 0 and methods() == ["GET"] * 3 + ["PATCH"] and len(Forge.comments) == 231, told)
    begin(*[("User", "hm")] * 100)
    code, told = comment(address, f"{MARKER}\nnew\n")
    check("a full page is not the last", code == 0 and methods() == ["GET", "GET", "POST"], told)
    begin()
    Forge.busy = 2
    code, told = comment(address, f"{MARKER}\none\n")
    check("a busy API is asked again", code == 0 and methods() == ["GET"] * 3 + ["POST"], told)
    Forge.busy = 9
    code, told = comment(address, f"{MARKER}\none\n")
    check("but not for ever", code == 1 and "answers 503" in told and len(Forge.comments) == 1, told)
    begin()
    code, told = comment(address, f"{MARKER}\none\n", token="other")
    check("a token without the permission is an error", code == 1 and "answers 401" in told and not Forge.comments, told)
    code, told = comment(address, "one\n")
    check("a text without the marker is refused", code == 1 and "does not begin with" in told and not Forge.comments, told)


class Project:
    """A git project with a fake `meshsynth`. `says` determines the result of each command."""

    def __init__(self, folder):
        self.folder, self.bin, self.reports = folder / "platform", folder / "bin", folder / "reports"
        self.bin.mkdir(parents=True)
        self.folder.mkdir()
        self.log = folder / "calls"
        (self.bin / "meshsynth").write_text(
            f'#!/bin/sh\necho "$@" >> {self.log}\ncase "$*" in\n'
            '--version) echo "meshsynth ${PLAYED_VERSION:-0.0.0}" ;;\n'
            '*sarif*) echo "{}"; exit "${PLAYED_SYNTH:-0}" ;;\n'
            'synth*) exit "${PLAYED_SYNTH:-0}" ;;\n*html*) echo "<html>" ;;\n'
            'diff*) echo "### meshsynth: a change"; exit "${PLAYED_DIFF:-0}" ;;\nesac\n'
        )
        (self.bin / "cargo").write_text(f'#!/bin/sh\necho cargo "$@" >> {self.log}\n')
        (self.bin / "apt-get").write_text("#!/bin/sh\nexit 0\n")
        (self.bin / "jq").write_text(
            f"#!{sys.executable}\nimport json, sys, jq\n"
            "for found in jq.compile(sys.argv[-1]).input_text(sys.stdin.read()):\n    print(found)\n"
        )
        for program in self.bin.iterdir():
            program.chmod(0o755)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("README.md")
        self.before = self.git("rev-parse", "HEAD")
        self.commit("meshsynth.toml")
        self.base = self.git("rev-parse", "HEAD")
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.commit("change")
        self.git("update-ref", "refs/heads/topic", "HEAD")

    def git(self, *args):
        who = ["-c", "user.name=you", "-c", "user.email=you@example.com"]
        return subprocess.check_output(["git", *who, *args], cwd=self.folder, text=True).strip()

    def commit(self, file):
        (self.folder / file).write_text(file)
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", file)

    def run(self, script, **env):
        """Runs a script like a CI runner. Returns its exit code, the calls of `meshsynth`, and the output."""
        self.log.write_text("")
        env = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", **env}
        done = subprocess.run(["bash", "-eo", "pipefail", *script], cwd=self.folder, env=env, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, self.log.read_text().splitlines(), done.stdout + done.stderr

    def plan(self, **env):
        output, summary = self.bin.parent / "output", self.bin.parent / "summary"
        output.write_text("")
        summary.write_text("")
        env = {"REPORTS": str(self.reports), "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "TARGET": "main", **env}
        code, calls, told = self.run([str(ROOT / "dist/action/plan.sh")], **env)
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        text = (self.reports / "comment.md").read_text() if (self.reports / "comment.md").exists() else ""
        check("the summary is the comment", code != 0 or summary.read_text() == text, told)
        return code, calls, outputs, text, told


def plan(project):
    code, calls, outputs, text, told = project.plan()
    check("a plan ends well", code == 0 and outputs == {"status": "0", "marker": MARKER}, told)
    compare = f"diff --no-synth --base {project.base} --format"
    check("it checks the output and compares with the merge base", calls == ["synth --check --strict", f"{compare} markdown", f"{compare} html"], calls)
    check("the comment begins with the marker", text == f"{MARKER}\n### meshsynth: a change\n", text)
    check("the page is there", (project.reports / "diff.html").read_text() == "<html>\n")
    code, calls, outputs, text, told = project.plan(PLAYED_DIFF="1", SARIF="true", MARKER="<!-- meshsynth a -->")
    wanted = {"status": "1", "marker": "<!-- meshsynth a -->", "synth": "true", "diff": "true"}
    check("a gate that is hit is the status, after all is written", code == 0 and outputs == wanted and len(calls) == 5, (calls, outputs))
    code, calls, outputs, text, told = project.plan(PLAYED_DIFF="2")
    check("what cannot be compared is told", outputs["status"] == "2" and "could not compare" in text and not (project.reports / "diff.html").exists(), text)
    code, calls, outputs, text, told = project.plan(PLAYED_SYNTH="1", SARIF="true")
    check("a stale output is not compared", outputs["status"] == "1" and "synth" in outputs and not any("diff" in it for it in calls), calls)
    check("the comment says so", text.startswith(f"{MARKER}\n") and "Nothing was compared" in text, text)
    code, calls, outputs, text, told = project.plan(BASE=project.before)
    check("a project that begins is compared with nothing", "diff --no-synth --base none --format markdown" in calls, calls)
    code, calls, outputs, text, told = project.plan(BASE="HEAD~1")
    check("a base is taken as it is named", "diff --no-synth --base HEAD~1 --format markdown" in calls, calls)
    code, calls, outputs, text, told = project.plan(DENY="public,mass-delete=5%")
    check("gates are handed on", f"diff --no-synth --base {project.base} --deny public,mass-delete=5% --format markdown" in calls, calls)
    code, calls, outputs, text, told = project.plan(HEAD_FOLDER="change", DENY="public", ARGUMENTS="--render  --cluster a=b")
    check("a folder that begins is compared with nothing, without a program", calls[0] == "diff --base none --head change --render --cluster a=b --deny public --format markdown", calls)
    code, calls, outputs, text, told = project.plan(HEAD_FOLDER="meshsynth.toml")
    check("a folder is compared with that of the merge base", calls[0] == f"diff --base {project.base}:./meshsynth.toml --head meshsynth.toml --format markdown" and len(calls) == 2, calls)
    code, calls, outputs, text, told = project.plan(HEAD_FOLDER="cdk.out", BASE_FOLDER="base/cdk.out", SARIF="true")
    check("two folders are compared as they are named", calls[0] == "diff --base base/cdk.out --head cdk.out --format markdown" and outputs["diff"] == "true", calls)
    code, calls, outputs, text, told = project.plan(HEAD_FOLDER="cdk.out")
    check("a folder that is not committed needs a base", outputs["status"] == "2" and not calls and "base-folder" in text, text)
    code, calls, outputs, text, told = project.plan(TARGET="")
    check("without a pull request nothing is compared", code == 0 and outputs["status"] == "0" and calls == ["synth --check --strict"], calls)
    code, calls, outputs, text, told = project.plan(TARGET="nowhere")
    check("a target that is not there is an error", code != 0 and "status" not in outputs, told)


def gitlab(project, address):
    job = yaml.safe_load((ROOT / "templates/ci/gitlab.yml").read_text())["meshsynth"]
    lines = [*job["before_script"], *job["script"]]
    check("the job has a script", all(isinstance(line, str) for line in lines))
    script = ["-c", "\n".join(lines)]
    env = {
        "MESHSYNTH_VERSION": "0.0.0", "CARGO_HOME": str(project.folder / ".cargo"), "MESHSYNTH_TOKEN": "t0ken",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": project.base, "CI_API_V4_URL": address, "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "7",
    }
    begin(("User", "hm"))
    code, calls, told = project.run(script, **env)
    check("a note is made", code == 0 and methods() == ["GET", "POST"] and Forge.calls[1][1] == "/projects/3/merge_requests/7/notes", told)
    check("it has the marker and the change", Forge.comments[2]["body"].startswith(f"{MARKER}\n### meshsynth"), Forge.comments)
    check("the tests are run", calls.index("synth --check --strict") < calls.index("cargo test --locked"), calls)
    code, calls, told = project.run(script, **env, PLAYED_DIFF="1")
    check("the second time it is updated", methods()[2:] == ["GET", "PUT"] and len(Forge.comments) == 2, told)
    check("a gate that is hit fails the job", code == 1, told)
    code, calls, told = project.run(script, **{**env, "MESHSYNTH_TOKEN": ""})
    check("without a token the log has it", code == 0 and len(methods()) == 4 and "### meshsynth: a change" in told, told)
    code, calls, told = project.run(script, **{**env, "MESHSYNTH_TOKEN": "other"})
    check("a token without the permission is an error", code != 0 and "401" in told, told)
    # The script downloads the installer with `curl` only if the version differs.
    (project.bin / "curl").write_text('#!/bin/sh\necho "curl $*"\nexit 22\n')
    (project.bin / "curl").chmod(0o755)
    code, calls, told = project.run(script, **env, PLAYED_VERSION="0.0.1")
    wanted = "https://github.com/meshsynth/meshsynth/releases/download/v0.0.0/install.sh"
    check("another version is replaced by that of the job", code == 22 and wanted in told, told)


def main():
    lint = [pathlib.Path(sys.executable).parent / "shellcheck", ROOT / "dist/action/plan.sh"]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    check("ShellCheck finds nothing", done.returncode == 0, done.stdout)
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    steps = action["runs"]["steps"]
    used = {name for step in steps for name in re.findall(r"inputs\.([a-z-]+)", json.dumps(step))}
    check("every input is used, and defined", used == set(action["inputs"]), used)
    check("every input has a description", all(it.get("description") for it in action["inputs"].values()))
    check("a step that runs a script names its shell", all("shell" in step for step in steps if "run" in step))
    for file in re.findall(r"ACTION_PATH\}?/([\w./]+)", json.dumps(steps)):
        check(f"{file} is there", (ROOT / file).is_file())
    with tempfile.TemporaryDirectory() as folder, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forge) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        github(address)
        project = Project(pathlib.Path(folder))
        plan(project)
        gitlab(project, address)
        server.shutdown()
    print(f"judged: {passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
