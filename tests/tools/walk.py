"""Runs the commands of pages, and compares the shown output with the actual output.

A page is read from top to bottom, in a separate folder:

    <!-- walk: minimal -->     starts in a project `shop` of that template, synthesized and committed
    <!-- walk: fresh -->       returns to that state
    <!-- file: NAME -->        the next block is written to this file
    <!-- made: COMMAND -->     the text up to <!-- /made --> is the output of the command
    <!-- picture: FILE by COMMAND -->    the file of the repository is the output of the command
    ```console                 `$ command`, followed by its output; `...` for any lines, `[..]` for any text,
                               `[exit 1]` for a failure
    ```diff                    a change of the file in its first line
    ```toml                    configuration that `meshsynth` reads, or features of the library
    ```yaml                    a template checked with cfn-lint, manifests checked with the schemas, or other YAML
    ```json                    parsed JSON; a preceding <!-- schema: NAME --> specifies the schema in the assembly
    ```ts                      compiled by tsc, with the CDK
    ```hcl                     parsed HCL
    ```sh                      checked by bash, with existing commands and options
    ```rust                    compiled by the doc tests, which must include the page
    ```, text and others       text, which needs its origin:
        <!-- quoted: FILE -->      that file of the repository contains every line, in this order; `...` for omitted lines
        <!-- unchecked: WHY -->    the block is not checked

With UPDATE_DOCS, the actual output is written to the page.
"""

import os
import pathlib
import re
import shutil
import subprocess
import time

import blocks

FENCE = re.compile(
    r"^<!-- made: (?P<made>.*?) -->\n.*?^<!-- /made -->$"
    r"|^<!-- (?P<what>walk|file|schema|quoted): (?P<name>\S+) -->$"
    r"|^<!-- unchecked: (?P<why>[^\n]{20,}?) -->$"
    r"|^<!-- picture: (?P<picture>\S+) by (?P<by>.*?) -->$"
    r"|^```(?P<lang>[\w,-]*)\n(?P<body>.*?)^```$",
    re.M | re.S,
)
PLAIN = {"", "text", "mermaid", "html", "markdown", "sql"}
# Completely generated from the code, and checked by tests. The examples below docs/constructs are doc tests.
GENERATED = {"docs/cli.md", "docs/configuration.md", "docs/constructs.md", "docs/diagnostics.md", "docs/grants.md"}
GENERATED_BELOW = "docs/constructs/"


class Walk:
    """A working folder, and the duration of each step."""

    def __init__(self, root, binary, folder, node):
        self.node = node
        self.root, self.folder, self.findings, self.n_passed, self.times = root, folder, [], 0, []
        self.projects = {}
        path = f"{binary.parent}{os.pathsep}{os.environ['PATH']}"
        who = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "you"), ("EMAIL", "you@example.com"))}
        self.env = {**os.environ, **who, "PATH": path, "CARGO_TARGET_DIR": str(folder / "target"), "CARGO_NET_OFFLINE": "true"}
        self.env |= {"NO_COLOR": "1", "CARGO_TERM_COLOR": "never", "COLUMNS": "100", "LC_ALL": "C.UTF-8", "CARGO_INCREMENTAL": "0"}
        self.env |= {"CARGO_PROFILE_DEV_DEBUG": "0", "GIT_CONFIG_GLOBAL": "/dev/null", "RUST_BACKTRACE": "0"}
        for name in ("INSTA_UPDATE", "UPDATE_DOCS", "RUSTFLAGS"):
            self.env.pop(name, None)

    def run(self, command, cwd):
        """Returns the output of a command, its exit code, and the resulting folder."""
        state = self.folder / "cwd"
        start = time.monotonic()
        script = f"{command}\ncode=$?; pwd > {state}; exit $code"
        done = subprocess.run(["bash", "-c", script], cwd=cwd, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.times.append((time.monotonic() - start, command))
        text = done.stdout.decode().replace(str(self.root), "~/meshsynth").replace(str(self.folder), "~")
        return text, done.returncode, pathlib.Path(state.read_text().strip()) if state.exists() else cwd

    def must(self, what, command, cwd):
        """Runs a command that must succeed."""
        text, code, _ = self.run(command, cwd)
        if code:
            self.findings.append(f"{what}: `{command}` ended with {code}:\n{text}")
        else:
            self.n_passed += 1
        return code == 0

    def project(self, template, place):
        """Returns a copy of a committed project."""
        if template not in self.projects:
            made = self.folder / "made" / template
            made.mkdir(parents=True)
            begin = f"meshsynth init shop --quiet --template {template} && cd shop && meshsynth synth --quiet --strict"
            self.must(template, f"{begin} && git init -q -b main && git add . && git commit -q -m Begin", made)
            self.projects[template] = made / "shop"
        if place.exists():
            shutil.rmtree(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        # Cargo uses file times, so a copy must not be older than the build output of another copy.
        shutil.copytree(self.projects[template], place, symlinks=True, copy_function=shutil.copy)
        return place

    def page(self, path):
        """Runs a page, and returns its correct text."""
        text = path.read_text()
        name = path.relative_to(self.root)
        is_generated = str(name) in GENERATED or str(name).startswith(GENERATED_BELOW)
        base = self.folder / "pages" / name.with_suffix("")
        base.mkdir(parents=True, exist_ok=True)
        cwd, template, file, out, last = base, None, None, [], 0
        schema = quoted = why = None
        for match in FENCE.finditer(text):
            body, lang = match["body"], (match["lang"] or "").split(",")[0]
            line = text.count("\n", 0, match.start()) + 1
            out.append(text[last : match.start()])
            last = match.end()
            new = match[0]
            if match["what"] == "walk":
                template = template if match["name"] == "fresh" else match["name"]
                cwd = self.project(template, base / "shop")
            elif match["what"] == "file":
                file = match["name"]
            elif match["what"] == "schema":
                schema = match["name"]
            elif match["what"] == "quoted":
                quoted = match["name"]
            elif match["why"]:
                why = match["why"]
            elif match["made"]:
                new, cwd = self.made(f"{name}:{line}", match, cwd)
            elif match["picture"]:
                self.picture(f"{name}:{line}", match["picture"], match["by"], cwd)
            elif lang == "console":
                said, cwd = self.block(f"{name}:{line}", body, cwd)
                new = f"```console\n{said}```"
            elif lang == "diff":
                self.count(self.change(body, cwd), f"{name}:{line}: the change does not fit the file")
            elif lang in blocks.READERS:
                found = blocks.READERS[lang](self, body, schema)
                self.count(not found, f"{name}:{line}: {found}")
            elif lang == "sh":
                self.count(self.is_shell(body), f"{name}:{line}: bash does not read it, or there is no such command or option")
            elif lang == "rust":
                included = is_generated or f"{name}\")]" in (self.root / "src/lib.rs").read_text()
                self.count(included, f"{name}:{line}: the page is not in `docs` of src/lib.rs, so nothing compiles it")
            elif lang in PLAIN:
                is_checked = self.is_quoted(quoted, body) if quoted else bool(why) or is_generated
                finding = f"it is not quoted from {quoted}" if quoted else "nothing checks it: say where it is from, or why not"
                self.count(is_checked, f"{name}:{line}: {finding}")
            else:
                self.findings.append(f"{name}:{line}: nobody reads a block of `{lang}`")
            if match["lang"] is not None:
                schema = quoted = why = None
            if file and match["lang"] is not None:
                target = cwd / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(body)
                file = None
            out.append(new)
        return "".join(out) + text[last:]

    def count(self, is_fine, finding):
        if is_fine:
            self.n_passed += 1
        else:
            self.findings.append(finding)

    def block(self, where, body, cwd):
        """Runs the commands of a block, and returns the correct text of the block."""
        steps = re.split(r"^(?=\$ )", body, flags=re.M)
        said = []
        for step in filter(None, steps):
            head, _, wanted = step.partition("\n")
            while head.endswith("\\"):
                more, _, wanted = wanted.partition("\n")
                head += "\n" + more
            text, code, cwd = self.run(head[2:], cwd)
            actual = normal(text) + (f"[exit {code}]\n" if code else "")
            if fits(actual, wanted):
                self.n_passed += 1
                said.append(f"{head}\n{wanted}")
            else:
                self.findings.append(f"{where}: `{head[2:]}` says\n{actual}")
                said.append(f"{head}\n{actual}")
        return "".join(said), cwd

    def made(self, where, match, cwd):
        """Returns the output of a command between its markers."""
        text, code, cwd = self.run(match["made"], cwd)
        new = f"<!-- made: {match['made']} -->\n{normal(text)}<!-- /made -->"
        self.count(code == 0 and new == match[0], f"{where}: `{match['made']}` ends with {code} and says\n{text}")
        return new, cwd

    def picture(self, where, file, command, cwd):
        """Checks a file of the repository that a command generates."""
        text, code, _ = self.run(command, cwd)
        path = self.root / file
        if os.environ.get("UPDATE_DOCS") and code == 0:
            path.write_text(text)
        is_fine = code == 0 and path.exists() and path.read_text() == text
        self.count(is_fine, f"{where}: {file} is not what `{command}` says")

    def change(self, body, cwd):
        """Applies a change to a file: replaces lines with `-` by lines with `+`."""
        head, _, rest = body.partition("\n")
        path = cwd / head.removeprefix("--- ").strip()
        lines = [(line[:1], line[1:]) for line in rest.splitlines() if not line.startswith("@@")]
        old = "".join(f"{text}\n" for sign, text in lines if sign in "- ")
        new = "".join(f"{text}\n" for sign, text in lines if sign in "+ ")
        text = path.read_text()
        if text.count(old) != 1 or not old:
            return False
        path.write_text(text.replace(old, new))
        return True

    def is_quoted(self, file, body):
        """Whether a file of the repository contains every line, in this order."""
        lines = iter([line.strip() for line in (self.root / file).read_text().splitlines()])
        return all(line.strip() in lines for line in body.splitlines() if line.strip() not in ("", "..."))

    def is_shell(self, body):
        read = subprocess.run(["bash", "-n"], input=body, text=True, capture_output=True, check=False)
        calls = re.findall(r"(?:^|[|&;(] *|-- )meshsynth +([^|&;\n#>]*)", body, re.M)
        calls += re.findall(r"--package meshsynth-cli -- ([^|&;\n#>]*)", body)
        return read.returncode == 0 and all(self.is_call(call.split()) for call in calls)

    def is_call(self, words):
        if not words or words[0].startswith("-"):
            return True
        text, code, _ = self.run(f"meshsynth {words[0]} --help", self.folder)
        return code == 0 and all(word.split("=")[0] in text for word in words if word.startswith("--"))


def normal(text):
    """Removes values that differ between two runs."""
    text = re.sub(r"\bin \d+\.\d+ ?s\b", "in [..] s", text)
    text = re.sub(r"(~/meshsynth/\S+?):\d+:\d+", r"\1:[..]", text)
    text = re.sub(r"\b[0-9a-f]{9}\b(?=\), as committed)", "[..]", text)
    return text if not text or text.endswith("\n") else text + "\n"


def fits(actual, wanted):
    """Whether a text matches the text of the page."""
    pattern = ""
    for line in wanted.splitlines():
        pattern += r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(re.escape("[..]"), ".*?") + r" *\n"
    return re.fullmatch(pattern, actual) is not None
