"""Checks templates and manifests with checkov. docs/security.md contains an answer to each wrong finding."""

import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys

CHECKOV = pathlib.Path(sys.executable).parent / "checkov"
ANSWERS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "security.md"


def check_security(reports):
    """Evaluates reports by assembly. Returns the number of passed checks, failures without an answer, and answers without a failure."""
    answers = read_answers(ANSWERS.read_text())
    passed, found = 0, []
    for folder, of_folder in reports.items():
        for report in of_folder:
            passed += report["summary"]["passed"]
            n_unread = report["summary"]["parsing_errors"]
            if n_unread:
                found.append(f"{folder}: checkov cannot read {n_unread} of its {report['check_type']} files")
            for row in report["results"]["failed_checks"]:
                answer = next((it for it in answers if it.fits(folder.name, row)), None)
                if answer:
                    answer.has_fired = True
                    passed += 1
                else:
                    where = f"{folder}{row['file_path']}: {row['resource']}"
                    found.append(f"{where}: {row['check_id']}: {row['check_name']}")
    names = [folder.name for folder in reports]
    siblings = {path.parent for folder in reports for path in folder.resolve().parent.glob("*/manifest.json")}
    is_whole = siblings <= {folder.resolve() for folder in reports}
    for answer in answers:
        # Projects of `meshsynth init` are in another folder, and do not always exist.
        is_judged = (is_whole and not answer.platform.startswith("init-")) or any(fnmatch.fnmatchcase(name, answer.platform) for name in names)
        if is_judged and not answer.has_fired:
            found.append(f"{ANSWERS.name}: {answer.check} of {answer.platform} {answer.resource} is found no more: remove the row")
    return passed, found


def run(folder):
    """Returns a report for the templates, and one for the manifests if there are any."""
    command = [str(CHECKOV), "-d", str(folder), "--framework", "cloudformation", "kubernetes"]
    command += ["--compact", "--quiet", "--skip-download", "-o", "json"]
    # The log must not be mixed with the report.
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LOG_LEVEL": "ERROR"})
    try:
        reports = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"{folder}: checkov gave no report: {done.stderr.strip()[:500]}") from None
    reports = reports if isinstance(reports, list) else [reports]
    wanted = {"cloudformation"} | ({"kubernetes"} if any((folder / "k8s").rglob("*.yaml")) else set())
    seen = {report["check_type"] for report in reports if report.get("summary", {}).get("passed")}
    if wanted - seen:
        raise SystemExit(f"{folder}: checkov judged no {', '.join(sorted(wanted - seen))}")
    return reports


class Answer:
    def __init__(self, check, platform, resource, reason):
        self.check, self.platform, self.resource, self.reason = check, platform, resource, reason
        self.has_fired = False

    def fits(self, platform, row):
        wanted = (platform, self.platform), (row["resource"], self.resource)
        return row["check_id"] == self.check and all(fnmatch.fnmatchcase(*pair) for pair in wanted)


def read_answers(text):
    """Returns the rows of the table: check, platform, resource, reason."""
    rows = re.findall(r"^\| `(CKV\w+)` \| `([^`]+)` \| `([^`]+)` \| (.{40,}) \|$", text, re.MULTILINE)
    n_lines = len(re.findall(r"^\| `CKV", text, re.MULTILINE))
    if len(rows) != n_lines:
        raise SystemExit(f"{ANSWERS}: a row is not `check`, `platform`, `resource`, a reason")
    return [Answer(*row) for row in rows]
