"""Literals of AWS and the world, in one line per family, service or area: `cargo xtask facts literals` writes them to types/schema/literals.

Types of instances and actions of IAM come from the data of cfn-lint, in the letters of botocore where it names an action; time zones from the tz database.
"""

import collections
import gzip
import json
import pathlib
import sys
import zoneinfo

import botocore
import cfnlint

OUT = pathlib.Path(sys.argv[1])
DATA = pathlib.Path(cfnlint.__file__).parent / "data"
EXTENSIONS = DATA / "schemas" / "extensions"


def texts(document):
    """Every text of every list of allowed values."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "enum":
                yield from (it for it in value if isinstance(it, str))
            else:
                yield from texts(value)
    elif isinstance(document, list):
        for item in document:
            yield from texts(item)


def types(path, start="", end=""):
    """The sizes of each family, of every region."""
    sizes = collections.defaultdict(set)
    for text in texts(json.loads((EXTENSIONS / path).read_text())):
        family, _, size = text.removeprefix(start).removesuffix(end).partition(".")
        if text.startswith(start) and text.endswith(end) and size:
            sizes[family].add(size)
    return [f"{family} {' '.join(sorted(sizes[family]))}" for family in sorted(sizes)]


def as_written():
    """The names of API calls as botocore writes them, by their lower case."""
    names = {}
    for path in sorted((pathlib.Path(botocore.__file__).parent / "data").glob("*/*/service-2.json*")):
        text = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
        names |= {name.lower(): name for name in json.loads(text)["operations"]}
    return names


def actions():
    written = as_written()
    services = json.loads((DATA / "AdditionalSpecs" / "Policies.json").read_text())
    for service in sorted(services):
        names = sorted(written.get(name, name) for name in services[service]["Actions"])
        yield f"{service} {' '.join(names)}"


def zones():
    areas = collections.defaultdict(list)
    for name in sorted(zoneinfo.available_timezones()):
        area, _, place = name.rpartition("/")
        areas[area].append(place)
    return [f"{area or '.'} {' '.join(areas[area])}" for area in sorted(areas)]


def write(name, lines):
    (OUT / f"{name}.txt").write_text("\n".join(lines) + "\n")


write("instance-types", types("aws_ec2_instance/instancetype_enum.json"))
write("database-classes", types("aws_rds_dbinstance/dbinstanceclass_enum.json", "db."))
write("cache-node-types", types("aws_elasticache_cachecluster/cachenodetype_enum.json", "cache."))
write("search-instance-types", types("aws_opensearchservice_domain/clusterconfig_instancetype_enum.json", end=".search"))
write("broker-instance-types", types("aws_amazonmq_broker/instancetype_enum.json", "mq."))
write("actions", actions())
write("time-zones", zones())
