"""Reads every Prometheus query in an assembly with an independent PromQL parser."""

import json
import re

import promql_parser
import yaml


def check_queries(folder, files):
    """Returns the number of queries, and the findings."""
    passed, found = 0, []
    for path in files:
        for query in queries(yaml.safe_load(path.read_text())):
            problem = read(query)
            found += [f"{path}: `{query}`: {problem}"] if problem else []
            passed += not problem
    for path in sorted((folder / "helm").rglob("*.values.yaml")):
        for query in adapter_queries(yaml.safe_load(path.read_text()) or {}):
            problem = read(query)
            found += [f"{path}: `{query}`: {problem}"] if problem else []
            passed += not problem
    return passed, found


def read(query):
    """Returns the problem of a query, or nothing if it is valid."""
    try:
        promql_parser.parse(query)
    except ValueError as error:
        return str(error)
    return None


def queries(manifest):
    """Returns the queries of a manifest, by its kind."""
    kind, spec = manifest["kind"], manifest.get("spec", {})
    if kind == "PrometheusRule":
        for group in spec.get("groups", []):
            yield from (rule["expr"] for rule in group.get("rules", []))
    if kind in ("ScaledObject", "ScaledJob"):
        triggers = spec.get("triggers", [])
        yield from (it["metadata"]["query"] for it in triggers if it["type"] == "prometheus")
    if kind in ("AnalysisTemplate", "ClusterAnalysisTemplate"):
        for metric in spec.get("metrics", []):
            prometheus = metric["provider"].get("prometheus")
            if prometheus:
                # Argo Rollouts inserts arguments before Prometheus reads the query.
                yield re.sub(r"\{\{args[.][a-z-]+\}\}", "5f7d8c9b4", prometheus["query"])
    if kind == "ConfigMap" and "grafana_dashboard" in manifest["metadata"].get("labels", {}):
        for text in manifest["data"].values():
            for panel in json.loads(text)["panels"]:
                yield from (target["expr"] for target in panel["targets"])


def adapter_queries(values):
    """Returns the queries of the prometheus-adapter, with its placeholders replaced."""
    rules = values.get("rules")
    if not isinstance(rules, dict):
        return
    for rule in rules.get("custom", []):
        yield rule["seriesQuery"]
        filled = rule["metricsQuery"].replace("<<.LabelMatchers>>", 'namespace="a",pod=~"b|c"')
        yield re.sub(r"<<[.]GroupBy>>", "pod", filled)
