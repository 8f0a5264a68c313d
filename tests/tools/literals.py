"""Collects literals, one line for each family, service or area: `cargo xtask facts literals` writes them to crates/facts/schema/literals.

Instance types, engine versions and IAM actions come from the data of cfn-lint. Actions have the letter case of botocore. Names of managed policies
come from moto, versions of search domains from the CDK, and time zones from the tz database. The price list abbreviates sizes of brokers, which are expanded here.
"""

import collections
import gzip
import importlib.util
import json
import pathlib
import re
import sys
import zoneinfo

import botocore
import cfnlint

OUT = pathlib.Path(sys.argv[1])
DATA = pathlib.Path(cfnlint.__file__).parent / "data"
EXTENSIONS = DATA / "schemas" / "extensions"


def texts(document):
    """Returns every text in lists of allowed values."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "enum":
                yield from (it for it in value if isinstance(it, str))
            else:
                yield from texts(value)
    elif isinstance(document, list):
        for item in document:
            yield from texts(item)


def types(paths, start="", end=""):
    """Returns the sizes of each family in all regions."""
    sizes = collections.defaultdict(set)
    for text in (it for path in paths.split() for it in texts(json.loads((EXTENSIONS / path).read_text()))):
        family, _, size = text.removeprefix(start).removesuffix(end).partition(".")
        if text.startswith(start) and text.endswith(end) and size:
            sizes[family].add(size)
    return [f"{family} {' '.join(sorted(sizes[family]))}" for family in sorted(sizes)]


def as_written():
    """Returns the names of API calls in botocore, by their lower-case names."""
    names = {}
    for path in sorted((pathlib.Path(botocore.__file__).parent / "data").glob("*/*/service-2.json*")):
        text = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
        names |= {name.lower(): name for name in json.loads(text)["operations"]}
    return names


def actions():
    """Returns the actions of each service. A `-` follows actions without resource-level permissions."""
    written = as_written()
    services = json.loads((DATA / "AdditionalSpecs" / "Policies.json").read_text())
    for service in sorted(services):
        known = services[service]["Actions"].items()
        names = sorted(written.get(name, name) + ("" if action.get("Resources") else "-") for name, action in known)
        yield f"{service} {' '.join(names)}"


def policies():
    """Returns the managed policies below each path."""
    source = pathlib.Path(importlib.util.find_spec("moto").origin).parent / "iam/aws_managed_policies.py"
    names = collections.defaultdict(list)
    for name, policy in json.loads(re.search(r'"""\n(.*)"""', source.read_text(), re.DOTALL)[1]).items():
        names[policy["Path"]].append(name)
    return [f"{path} {' '.join(sorted(names[path]))}" for path in sorted(names)]


def by_engine(path):
    """Returns the versions of each engine in a schema."""
    found = collections.defaultdict(set)
    for rule in json.loads((EXTENSIONS / path).read_text())["allOf"]:
        given = rule["if"]["properties"]
        engine = (given.get("Engine") or {}).get("const")
        then = rule.get("then")
        of = then["properties"] if isinstance(then, dict) and "properties" in then else given
        if engine:
            found[engine] |= set(of.get("EngineVersion", {}).get("enum", []))
    return found


def versions(cdk):
    """Returns the versions of each engine that can be created: all versions except deprecated ones."""
    offered = by_engine("aws_rds_dbinstance/engine_version.json")
    for engine, old in by_engine("aws_rds_dbinstance/engine_version_deprecated.json").items():
        offered[engine] -= old
    offered |= by_engine("aws_elasticache_cachecluster/engine_version.json")
    text = (cdk / "aws-opensearchservice/lib/version.js").read_text()
    offered["opensearch"] = set(re.findall(r'openSearch\("([0-9.]+)"\)', text))
    offered["elasticsearch"] = set(re.findall(r'elasticsearch\("([0-9.]+)"\)', text))
    of = ("aurora-mysql", "elasticsearch", "mariadb", "memcached", "mysql", "opensearch")
    return [f"{engine} {' '.join(sorted(offered[engine], key=by_number))}" for engine in of]


def by_number(version):
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"[.-]", version)]


def zones():
    areas = collections.defaultdict(list)
    for name in sorted(zoneinfo.available_timezones()):
        area, _, place = name.rpartition("/")
        areas[area].append(place)
    return [f"{area or '.'} {' '.join(areas[area])}" for area in sorted(areas)]


def write(name, lines):
    (OUT / f"{name}.txt").write_text("\n".join(lines) + "\n")


write("instance-types", types("aws_ec2_instance/instancetype_enum.json"))
write("database-classes", types(" ".join(f"aws_{it}_dbinstance/dbinstanceclass_enum.json" for it in ("docdb", "neptune", "rds")), "db."))
write("cache-node-types", types("aws_elasticache_cachecluster/cachenodetype_enum.json", "cache."))
write("search-instance-types", types("aws_opensearchservice_domain/clusterconfig_instancetype_enum.json", end=".search"))
write("broker-instance-types", [re.sub(r"(\d)xl\b", r"\1xlarge", it) for it in types("aws_amazonmq_broker/instancetype_enum.json", "mq.")])
write("actions", actions())
write("managed-policies", policies())
write("engine-versions", versions(pathlib.Path(sys.argv[2])))
write("time-zones", zones())
