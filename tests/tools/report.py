"""Checks the formats of a diff: report.py MESHSYNTH NODE_FOLDER OLD_OUTPUT NEW_OUTPUT APP ENV.

The JSON matches docs/diff.schema.json, and copies with mistakes do not. The page works in a browser. The
results agree with those of the CDK, or docs/evidence/diff.md contains the reason.
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
import yaml

meshsynth, node, base, head, app, environment = sys.argv[1:]
passed, failed = 0, 0


def check(name, is_fine):
    global passed, failed
    if is_fine:
        passed += 1
    else:
        failed += 1
        print(f"failed: {name}")


def diff(form):
    call = [meshsynth, "diff", app, "--env", environment, "--base", base, "--head", head, "--format", form]
    return subprocess.run(call, check=True, capture_output=True, text=True).stdout


def script(*words):
    """Runs one of our scripts with Node, and adds its counts."""
    global passed, failed
    done = subprocess.run(["node", *words], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    last = lines[-1].split() if lines else []
    if done.returncode == 0 and last[:1] == ["skipped:"]:
        print(lines[-1])
        return
    print("\n".join(lines[:-1]) + done.stderr, end="\n" if lines[1:] or done.stderr else "")
    if last[:1] == ["judged:"]:
        passed += int(last[1])
        failed += int(last[3])
    check(" ".join(words[:1]), done.returncode == 0)


schema = json.loads(pathlib.Path("docs/diff.schema.json").read_text())
validator = jsonschema.Draft202012Validator(schema)
jsonschema.Draft202012Validator.check_schema(schema)
report = json.loads(diff("json"))
for error in validator.iter_errors(report):
    print(error.json_path, error.message)
check("the JSON follows its schema", validator.is_valid(report))
check("there are changes to judge", len(report[0]["changes"]) > 5)
for fault in (
    lambda it: it.pop("app"),
    lambda it: it.update(extra=1),
    lambda it: it["changes"][0].update(verdict="fine"),
    lambda it: it["changes"][0].update(place={}),
    lambda it: it["changes"][0]["edits"].append({}),
):
    broken = copy.deepcopy(report)
    fault(broken[0])
    check("a fault that was put in is found", not validator.is_valid(broken))
sarif = json.loads(diff("sarif"))
results = sarif["runs"][0]["results"]
rules = {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
check("each finding has a rule, a level and a line", results and all(
    it["ruleId"] in rules
    and it["level"] in ("error", "warning")
    and it["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
    for it in results
))
with tempfile.TemporaryDirectory() as folder:
    page = pathlib.Path(folder, "diff.html")
    page.write_text(diff("html"))
    script("tests/tools/page.mjs", node, str(page))
script("tests/tools/cdk_diff.mjs", node, "crates/diff/tests/fixtures/changes.json", "docs/evidence/diff.md")
gitlab = yaml.safe_load(pathlib.Path("templates/ci/gitlab.yml").read_text())
check("the job of GitLab has a script", all(isinstance(line, str) for line in gitlab["meshsynth"]["script"]))
print(f"judged: {passed} passed, {failed} failed")
sys.exit(failed != 0)
