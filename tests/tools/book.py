"""Builds the book with mdBook, and checks its links.

    python book.py

Every page of docs/ is in docs/SUMMARY.md (decisions are added automatically). Every link leads to an existing page,
heading or file, also in pages outside the book. The assembly of every reference platform matches
docs/assembly.schema.json.
"""

import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BESIDE = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]


class Page(html.parser.HTMLParser):
    """Collects the links and the link targets of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.ids = [], set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids.add(attrs.get("id"))
        for name in ("href", "src"):
            if attrs.get(name):
                self.links.append(attrs[name])


def build(place):
    """Builds the book from a copy of docs/ whose summary lists the decisions."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ROOT / "docs", place / "docs")
    shutil.move(place / "docs" / "book.toml", place)
    summary = place / "docs" / "SUMMARY.md"
    decisions = sorted((place / "docs" / "decisions").glob("0*.md"))
    lines = [f"  - [{path.read_text().splitlines()[0].removeprefix('# ')}](decisions/{path.name})\n" for path in decisions]
    summary.write_text(summary.read_text().rstrip() + "\n" + "".join(lines))
    tool = pathlib.Path(sys.executable).parent / "mdbook"
    done = subprocess.run([tool, "build", place, "--dest-dir", place / "book"], capture_output=True, text=True, check=False)
    # mdBook warns above 10 MB. The examples of the diagnostics need more, so the limit of this book is 12 MB.
    lines = [line for line in done.stderr.splitlines() if "search index is very large" not in line]
    wrong = done.returncode or any("WARN" in line or "ERROR" in line for line in lines)
    size = sum(path.stat().st_size for path in (place / "book").glob("searchindex*.js"))
    found = [f"mdbook: {done.stderr}"] if wrong else []
    return found + ([f"the search index has {size:,} bytes"] if size > 12_000_000 else [])


def check_summary(place):
    listed = set(re.findall(r"\(([^)]+\.md)\)", (place / "docs" / "SUMMARY.md").read_text()))
    there = {str(path.relative_to(place / "docs")) for path in (place / "docs").rglob("*.md")} - {"SUMMARY.md"}
    return len(there & listed), [f"docs/{path} is not in docs/SUMMARY.md" for path in sorted(there - listed)]


def check_links(place):
    pages = {path: Page(path) for path in (place / "book").rglob("*.html") if path.name not in ("print.html", "404.html", "toc.html")}
    n_fine, found = 0, []
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"[a-z]+:|//", link):
                continue
            target, _, anchor = link.partition("#")
            full = (path.parent / target).resolve() if target else path
            is_there = full.exists() and (not anchor or full not in pages or anchor in pages[full].ids)
            n_fine += is_there
            if not is_there:
                found.append(f"{path.relative_to(place / 'book')}: `{link}` leads nowhere")
    for name in BESIDE:
        text = (ROOT / name).read_text() if (ROOT / name).exists() else ""
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            is_there = (ROOT / link).exists()
            n_fine += is_there
            if not is_there:
                found.append(f"{name}: `{link}` leads nowhere")
    return n_fine, found


# Search words, and a page that must contain them. `MS0101` represents all diagnostics.
SEARCHED = {
    "retention": "constructs/logs-loggroup.html",
    "multi_az": "constructs/rds-database.html",
    "visibility": "constructs/sqs-queue.html",
    "failover": "constructs/route53-record.html",
    "MS0101": "diagnostics.html",
}


def check_search(place):
    """Checks that mdBook's search index leads from a word to its page. Each heading is a separate document."""
    [index] = (place / "book").glob("searchindex*.js")
    text = re.search(r"JSON\.parse\('(.*)'\)", index.read_text(), re.S)[1]
    index = json.loads(re.sub(r"\\(.)", r"\1", text))
    n_fine, found = 0, []
    for word, page in SEARCHED.items():
        documents = index["index"]["documentStore"]["docs"].values()
        pages = {index["doc_urls"][int(it["id"])].partition("#")[0] for it in documents if word in f"{it['title']} {it['body']}"}
        n_fine += page in pages
        if page not in pages:
            found.append(f"a search for `{word}` does not find {page}")
    return n_fine, found


def check_schema():
    schema = json.loads((ROOT / "docs" / "assembly.schema.json").read_text())
    n_fine, found = 0, []
    for path in sorted((ROOT / "snapshots").glob("*/*.json")):
        name = path.name.removesuffix(".json")
        if name in ("manifest", "bindings", "owners", "graph", "diagnostics"):
            document = json.loads(path.read_text())
            one = {"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"}
            errors = list(jsonschema.Draft202012Validator(one).iter_errors(document))
            n_fine += not errors
            found += [f"{path.relative_to(ROOT)}: {error.json_path}: {error.message[:200]}" for error in errors[:3]]
    return n_fine, found


# Optional fields of an event.
OPTIONAL = ("reason", "access", "ways", "notes", "back")


def check_events():
    """Checks that every `deploy --json` line in the docs matches the schema, and that modified lines do not."""
    schema = json.loads((ROOT / "docs" / "deploy-events.schema.json").read_text())
    judge = jsonschema.Draft202012Validator(schema)
    n_fine, found = 0, []
    for line in (ROOT / "docs" / "deploy-events.jsonl").read_text().splitlines():
        event = json.loads(line)
        errors = list(judge.iter_errors({**event, "seconds": 1.5}))
        n_fine += not errors
        found += [f"deploy-events.jsonl: {event['event']}: {error.message[:200]}" for error in errors[:3]]
        amiss = [{**event, "colour": "red"}, {**event, "event": "sung"}, {**event, "seconds": "1"}]
        amiss += [{key: value for key, value in event.items() if key != gone} for gone in event if gone not in OPTIONAL]
        found += [f"deploy-events.schema.json: it takes {json.dumps(it)[:200]}" for it in amiss if judge.is_valid(it)]
    return n_fine, found


def main():
    place = ROOT / "target" / "book"
    n_passed, findings = 0, build(place)
    for passed, found in (check_summary(place), check_links(place), check_search(place), check_schema(), check_events()):
        n_passed += passed
        findings += found
    for finding in findings:
        print(finding)
    print(f"judged: {n_passed} passed, {len(findings)} failed")
    sys.exit(1 if findings else 0)


main()
