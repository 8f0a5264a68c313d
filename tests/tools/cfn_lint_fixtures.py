"""Compares `meshsynth check` with the invalid templates of cfn-lint, and prints the rules whose findings are missing.

    python tests/tools/cfn_lint_fixtures.py CLONE CFN_LINT MESHSYNTH [--misses]

CLONE is a clone of https://github.com/aws-cloudformation/cfn-lint (with or without a work tree), CFN_LINT the installed
command, and MESHSYNTH the binary. A finding of an `E` rule matches if `check` reports an error or a warning for the same
entry of the template, or within two lines.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

TEMPLATES = "test/fixtures/templates/bad/"


def git(clone: str, *args: str) -> str:
    return subprocess.run(["git", "-C", clone, *args], capture_output=True, text=True, check=True).stdout


def expectations(linter: str, folder: str, names: list[str]) -> dict[str, list[dict]]:
    """Returns the `E` findings of cfn-lint for each template."""
    run = subprocess.run([linter, "--format", "json", "-t", *names], cwd=folder, capture_output=True, text=True)
    found = collections.defaultdict(list)
    for row in json.loads(run.stdout):
        if row["Rule"]["Id"].startswith("E"):
            found[row["Filename"]].append(row)
    return found


def is_match(row: dict, told: list[dict]) -> bool:
    path = [str(it) for it in row["Location"].get("Path") or []]
    line = row["Location"]["Start"]["LineNumber"]
    for it in told:
        if len(path) > 1 and (it["construct"] or "").endswith(f"/{path[1]}"):
            return True
        # The parser reports each file once, at the first wrong line.
        if row["Rule"]["Id"] == "E0000" and it["code"] == "MS0116":
            return True
        if any(place.get("line") and abs(place["line"] - line) <= 2 for place in [it, *it["notes"]]):
            return True
    return False


def main() -> int:
    clone, linter, binary = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    bad = [it for it in git(clone, "ls-tree", "-r", "--name-only", "HEAD", TEMPLATES).split() if re.search(r"\.(ya?ml|json|template)$", it)]
    wanted, missed, unflagged, reported = collections.Counter(), collections.Counter(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        for name in bad:
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(git(clone, "show", f"HEAD:{name}"))
        expected = expectations(linter, folder, bad)
        for name in bad:
            run = subprocess.run([binary, "check", "--format", "json", name], cwd=folder, capture_output=True, text=True)
            told = json.loads(run.stdout)["diagnostics"] if run.stdout else []
            told = [it for it in told if it["severity"] != "note"]
            if told or run.returncode == 2:
                reported += 1
            else:
                unflagged.append(name)
            for row in expected.get(name, []):
                wanted[row["Rule"]["Id"]] += 1
                if run.returncode != 2 and not is_match(row, told):
                    missed[row["Rule"]["Id"]] += 1
                    if "--misses" in sys.argv:
                        print("missed", row["Rule"]["Id"], name, row["Location"].get("Path"), row["Message"][:120])
    print(f"{reported} of {len(bad)} files are flagged ({100 * reported / len(bad):.1f} %).")
    n_wanted, n_missed = sum(wanted.values()), sum(missed.values())
    print(f"{n_wanted - n_missed} of {n_wanted} E findings match ({100 * (n_wanted - n_missed) / max(n_wanted, 1):.1f} %).")
    for rule, n in missed.most_common():
        print(f"{rule}: {n} of {wanted[rule]} missed")
    for name in unflagged:
        print("unflagged", name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
