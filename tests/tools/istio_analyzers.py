"""Compares `meshsynth check` with the test data of Istio's analyzers, and prints the table whose differences are in docs/evidence/check.md.

    python tests/tools/istio_analyzers.py ISTIO MESHSYNTH [--misses] [--extra]

ISTIO is a clone of https://github.com/istio/istio (with or without a work tree), and MESHSYNTH is the binary. This
repository contains no files of Istio: the cases and their expectations come from `analyzers_test.go` of the clone. The
exit code is 1 if less than 95 % of the messages that files can show are found.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = "pkg/config/analysis/"

# Our codes for each message of Istio. An object counts as found if one of these codes reports it.
OURS = {
    "IST0002": ["MS0851"],
    "IST0101": ["MS0801", "MS0802", "MS0803", "MS0804", "MS0805", "MS0806", "MS0818", "MS0823"],
    "IST0102": ["MS0845"],
    "IST0107": ["MS0848"],
    "IST0108": ["MS0847"],
    "IST0109": ["MS0810"],
    "IST0110": ["MS0824"],
    "IST0111": ["MS0825"],
    "IST0112": ["MS0804"],
    "IST0116": ["MS0826"],
    "IST0118": ["MS0808"],
    "IST0123": ["MS0827"],
    "IST0125": ["MS0849"],
    "IST0127": ["MS0818", "MS0823"],
    "IST0128": ["MS0828"],
    "IST0129": ["MS0828"],
    "IST0130": ["MS0829"],
    "IST0131": ["MS0829", "MS0830"],
    "IST0132": ["MS0803"],
    "IST0134": ["MS0831"],
    "IST0135": ["MS0850"],
    "IST0137": ["MS0826"],
    "IST0138": ["MS0807"],
    "IST0139": ["MS0832"],
    "IST0140": ["MS0833"],
    "IST0144": ["MS0409"],
    "IST0145": ["MS0810"],
    "IST0146": ["MS0834"],
    "IST0147": ["MS0834"],
    "IST0149": ["MS0835"],
    "IST0150": ["MS0836"],
    "IST0151": ["MS0838"],
    "IST0152": ["MS0837"],
    "IST0153": ["MS0837"],
    "IST0154": ["MS0837"],
    "IST0155": ["MS0838"],
    "IST0157": ["MS0839"],
    "IST0159": ["MS0824"],
    "IST0160": ["MS0825"],
    "IST0161": ["MS0806"],
    "IST0162": ["MS0805"],
    "IST0163": ["MS0846"],
    "IST0164": ["MS0846"],
    "IST0165": ["MS0803"],
    "IST0166": ["MS0840"],
    "IST0167": ["MS0841"],
    "IST0173": ["MS0809"],
    "IST0174": ["MS0802"],
    "IST0175": ["MS0852"],
    "IST0176": ["MS0843"],
    "IST0177": ["MS0844"],
}

# Messages that files cannot show.
NOT_IN_FILES = {
    "IST0103": "asks whether pods that run have a proxy; a manifest is written before injection",
    "IST0126": "reads the `MeshNetworks` of a running mesh",
    "IST0136": "says that an annotation is young; `istioctl analyze` leaves it out as well",
    "IST0148": "says that nothing is wrong",
    "IST0158": "compares the proxies that run with the injector's image",
    "IST0171": "reads the status that controllers write",
}

# Reasons for missed messages that files could show.
MISSED = {
    "IST0002": "one needs the configuration of a running mesh (the Lightstep provider)",
    "IST0107": "one is on a test of Helm, which is left out",
    "IST0109": "`*.d` and `*.productpage.d` in one mesh do not conflict: the longer pattern wins",
    "IST0118": "a file with Services alone tells of no mesh",
    "IST0161": "an expired certificate: a check gives the same answer on every day",
}


def show(clone: str, path: str) -> str:
    return subprocess.run(["git", "-C", clone, "show", f"HEAD:{ROOT}{path}"], capture_output=True, text=True, check=True).stdout


def codes_of(clone: str) -> dict[str, str]:
    """Returns the code of each message, by its name."""
    found, name = {}, ""
    for line in show(clone, "msg/messages.yaml").splitlines():
        if it := re.match(r'  - name: "(\w+)"', line):
            name = it[1]
        elif it := re.match(r"    code: (\w+)", line):
            found[name] = it[1]
    return found


def cases_of(clone: str) -> list[tuple[list[str], set[tuple[str, str]]]]:
    """Returns the files of each case, and the expected messages with their objects."""
    text = show(clone, "analyzers/analyzers_test.go")
    grid = text[text.index("var testGrid") :]
    grid = re.sub(r"//.*", "", grid[: grid.index("\n}\n")])
    cases = []
    for case in re.split(r"\n\t\{\n", grid)[1:]:
        files = re.search(r"inputFiles:\s*\[\]string\{(.*?)\}", case, re.S)[1]
        given = re.findall(r'"(testdata/[^"]*)"', files) + re.findall(r'mesh(?:Config|Networks)File:\s*"([^"]*)"', case)
        cases.append((given, set(re.findall(r'\{msg\.(\w+), "([^"]*)"\}', case))))
    return cases


def is_named(construct: str, kind: str, name: str) -> bool:
    """Whether a construct is the object with Istio's name `kind namespace/name`."""
    namespace, _, last = name.rpartition("/")
    own, _, rest = construct.rpartition("/")
    return rest == f"{kind}-{last}".lower() and (not namespace or own in ("", "default", namespace))


def main() -> int:
    clone, binary = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    options = sys.argv[3:]
    codes = codes_of(clone)
    wanted, found, missed, extra = collections.Counter(), collections.Counter(), [], []
    with tempfile.TemporaryDirectory() as folder:
        for files, expected in cases_of(clone):
            for file in files:
                path = pathlib.Path(folder, file)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(show(clone, f"analyzers/{file}"))
            output = subprocess.run([binary, "check", "--format", "json", "--notes", *files], cwd=folder, capture_output=True, text=True)
            told = json.loads(output.stdout)["diagnostics"] if output.stdout else []
            # A finding counts only if a plain run prints its code.
            plain = subprocess.run([binary, "check", *files], cwd=folder, capture_output=True, text=True).stderr
            told = [it for it in told if f"[{it['code']}]" in plain]
            used = set()
            for message, what in expected:
                code = codes[message]
                kind, _, name = what.partition(" ")
                wanted[code] += 1
                hits = [it["code"] for it in told if it["code"] in OURS.get(code, []) and is_named(it["construct"] or "", kind, name)]
                used.update((hit, what) for hit in hits)
                found[code] += bool(hits)
                if not hits:
                    missed.append((code, what, files[0]))
            for it in told:
                is_used = any(it["code"] == code and is_named(it["construct"] or "", *what.split(" ", 1)) for code, what in used)
                if it["severity"] == "error" and not is_used:
                    extra.append((files[0], it["code"], it["construct"], it["message"]))
    names = {code: name for name, code in codes.items()}
    print("| Istio | message | meshsynth | expected | found |\n|---|---|---|---|---|")
    for code in sorted(wanted):
        ours = ", ".join(f"`{it}`" for it in OURS.get(code, [])) or NOT_IN_FILES[code]
        n_found = f"{found[code]}: {MISSED[code]}" if found[code] < wanted[code] and code in MISSED else found[code] if code in OURS else "–"
        print(f"| {code} | {names[code]} | {ours} | {wanted[code]} | {n_found} |")
    n_wanted = sum(n for code, n in wanted.items() if code in OURS)
    n_found = sum(found.values())
    print(f"\n{n_found} of {n_wanted} expected messages are found ({100 * n_found / n_wanted:.1f} %).")
    if "--misses" in options:
        for it in sorted(it for it in missed if it[0] in OURS):
            print("missed", *it)
    if "--extra" in options:
        for it in extra:
            print("extra", *it)
    return 0 if n_found >= 0.95 * n_wanted else 1


if __name__ == "__main__":
    sys.exit(main())
