"""Checks that every dependency has an allowed licence, and comes from the registry."""

import json
import re
import subprocess
import sys

ALLOWED = {
    "MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib",
    "Unicode-3.0", "CC0-1.0", "MIT-0", "Unlicense", "0BSD", "BSL-1.0", "CDLA-Permissive-2.0",
}


def is_allowed(expression):
    """Whether an alternative of the SPDX expression is allowed. `/` is an old notation for OR."""
    choices = re.split(r"\s+OR\s+|/", expression.replace("(", "").replace(")", ""))
    return any(all(part.strip() in ALLOWED for part in choice.split(" AND ")) for choice in choices)


metadata = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--locked"]))
problems = []
for package in metadata["packages"]:
    if package["source"] is None:
        continue
    if not package["source"].startswith("registry+"):
        problems.append(f"{package['name']}: comes from {package['source']}")
    if not is_allowed(package["license"] or ""):
        problems.append(f"{package['name']}: licence {package['license']}")
for problem in problems:
    print(problem)
print(f"judged: {len(metadata['packages']) - len(problems)} passed, {len(problems)} failed")
sys.exit(1 if problems else 0)
