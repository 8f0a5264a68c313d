"""Reads the cases of crates/check/tests/corpus/yaml with KUBECTL, which must accept and reject the same cases as `check`."""

import json
import pathlib
import re
import subprocess
import sys

kubectl = sys.argv[1]
# Cases that `check` rejects and kubectl without a server accepts.
STRICTER = {
    "a key twice": "the server refuses it: fields are validated strictly",
    "a key twice, once in quotes": "the server refuses it: fields are validated strictly",
    "bytes that are not UTF-8": "kubectl puts other characters in their place",
}
folder = pathlib.Path(__file__).parents[2] / "crates/check/tests/corpus/yaml"
problems = []
n_read = 0


def written(text, how):
    if how == "crlf":
        return text.replace("\n", "\r\n").encode()
    if how == "bom":
        return ("\ufeff" + text).encode()
    return text.encode("latin-1" if how == "latin1" else "utf-8")


def read(data):
    command = [kubectl, "annotate", "--local", "-f", "-", "-o", "json", "--overwrite", "read=1"]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    text, objects = done.stdout.decode(), []
    while text.strip():
        value, end = json.JSONDecoder().raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        objects.append(value)
    return done.returncode, objects, done.stderr.decode().strip()


def at(value, path):
    # A key may contain any character except a dot.
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


for file in sorted(folder.glob("*.yaml")):
    for case in re.split(r"^# case: ", file.read_text(), flags=re.MULTILINE)[1:]:
        name, text = case.split("\n", 1)
        where = f"{file.name}: {name}"
        told = dict.fromkeys(re.findall(r"^# expect: (MS\d+)", text, flags=re.MULTILINE))
        how = re.search(r"^# bytes: (\w+)", text, flags=re.MULTILINE)
        # The comments of a case do not belong to it, because a byte order mark must be at the beginning.
        body = re.sub(r"^# (expect|reads|bytes|near): .*\n", "", text, flags=re.MULTILINE)
        code, objects, said = read(written(body, how and how[1]))
        if name in STRICTER and code == 0:
            continue
        if (code != 0) != ("MS0116" in told):
            problems.append(f"{where}: kubectl answers {code}: {said}")
            continue
        for path, wanted in re.findall(r"^# reads: (\S+) = (.*)$", text, flags=re.MULTILINE):
            found = at(objects[-1], path) if objects else None
            if found != json.loads(wanted):
                problems.append(f"{where}: kubectl reads {path} as {found!r}, not as {wanted}")
        n_read += 1

print("\n".join(problems))
sys.exit(1 if problems or n_read == 0 else print(f"kubectl reads {n_read} cases as `meshsynth check` does"))
