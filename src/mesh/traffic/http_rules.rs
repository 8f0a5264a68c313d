//! Routes as rules of a Gateway API `HTTPRoute`.

use crate::kube::core;
use crate::kube::gateway::http_route;
use crate::tree::Construct;
use crate::val::Data;

use super::super::pods::STABLE;
use super::super::{Workload, labels};
use super::condition::{Condition, Field, Test, cookie_pattern, escaped};
use super::routes::{Entry, Routes};
use super::{VERSION_LABEL, VERSION_OF};

/// Returns the rules for requests below a path. Routes that apply only to callers inside the mesh are omitted.
pub(super) fn of(workload: &Workload, routes: &Routes, path: &str) -> Vec<http_route::Rule> {
    let rule = |entry: &Entry| {
        let mut rule = http_route::Rule::new().name(&entry.name).matches(matches(entry, path)?);
        let backends: Vec<_> = backends(workload, entry)
            .into_iter()
            .map(|(name, weight)| {
                let backend = http_route::RuleBackendRef::new(name).port(i64::from(workload.port()));
                weight.into_iter().fold(backend, http_route::RuleBackendRef::weight)
            })
            .collect();
        rule = rule.backend_refs(backends);
        if let Some(timeout) = entry.settings.get("timeout").and_then(Data::as_str) {
            rule = rule.timeouts(http_route::RuleTimeouts::new().request(timeout));
        }
        Some(rule)
    };
    routes.some.iter().chain([&routes.rest]).filter_map(rule).collect()
}

/// Returns the destination services of a route. If the route has several destinations, each has a weight.
pub(super) fn backends(workload: &Workload, entry: &Entry) -> Vec<(String, Option<i64>)> {
    if !workload.has_versions() {
        return vec![(workload.service_name().to_owned(), None)];
    }
    let to = if entry.to.is_empty() { vec![(None, 100)] } else { entry.to.clone() };
    let is_one = to.len() == 1;
    to.into_iter()
        .map(|(version, weight)| {
            let version = version.unwrap_or_else(|| STABLE.to_owned());
            (service_of(workload, &version), (!is_one).then_some(i64::from(weight)))
        })
        .collect()
}

/// Defines the `Service` of one version, because the Gateway API does not support subsets.
fn service_of(workload: &Workload, version: &str) -> String {
    let name = format!("{}-{version}", workload.name());
    workload.scope().singleton(format!("service of {version}"), || {
        let port = workload.protocol().port_name();
        let port = core::ServicePort::new(workload.port()).name(port).target_port(port).app_protocol(port);
        let selector = [(VERSION_OF, workload.name().to_owned()), (VERSION_LABEL, version.to_owned())];
        let spec = core::ServiceSpec::new().type_(core::ServiceType::ClusterIp).selector(selector).ports([port]);
        let service = core::Service::new().spec(spec).define(workload.scope(), &format!("service-{version}"), &name);
        labels::add(service.scope(), workload.name());
        workload.also_served_as(&name);
        service.scope().clone()
    });
    name
}

/// Returns the first feature of a route that the Gateway API does not support.
pub(super) fn unsupported_feature(entry: &Entry) -> Option<&'static str> {
    const UNSUPPORTED: [(&str, &str); 6] = [
        ("corsPolicy", "a CORS policy"),
        ("fault", "fault injection"),
        ("headers", "setting a request header"),
        ("mirror", "mirroring"),
        ("retries", "retries"),
        ("rewrite", "rewriting a path"),
    ];
    let setting = UNSUPPORTED.iter().find(|(key, _)| entry.settings.get(key).is_some()).map(|(_, words)| *words);
    let is_absent = |it: &Condition| it.test == Test::Absent;
    setting.or_else(|| entry.blocks.iter().flatten().any(is_absent).then_some("a match on an absent header"))
}

/// Returns the matches of a route, or `None` if it applies only to callers inside the mesh.
fn matches(entry: &Entry, path: &str) -> Option<Vec<http_route::RuleMatch>> {
    if entry.blocks.is_empty() {
        return Some(vec![rule_match(&[], path)]);
    }
    let is_inside = |block: &&Vec<Condition>| block.iter().any(|it| matches!(it.field, Field::Caller { .. }));
    let found: Vec<_> =
        entry.blocks.iter().filter(|block| !is_inside(block)).map(|block| rule_match(block, path)).collect();
    (!found.is_empty()).then_some(found)
}

fn rule_match(block: &[Condition], path: &str) -> http_route::RuleMatch {
    let at = |kind, value: &str| http_route::MatchPath::new().type_(kind).value(value);
    let (mut headers, mut queries) = (Vec::new(), Vec::new());
    let mut place = at(http_route::MatchPathType::PathPrefix, path);
    let mut found = http_route::RuleMatch::new();
    for Condition { field, test } in block {
        match field {
            Field::Uri => {
                place = match test {
                    Test::Exact(text) => at(http_route::MatchPathType::Exact, text),
                    Test::Regex(text) => at(http_route::MatchPathType::RegularExpression, text),
                    Test::Prefix(text) => at(http_route::MatchPathType::PathPrefix, text),
                    Test::Present | Test::Absent => continue,
                }
            }
            Field::Method => {
                if let Test::Exact(method) = test {
                    found = found.method(http_route::RuleMatchMethod::Other(method.clone()));
                }
            }
            Field::Header(name) => headers.push(text_match(name, test)),
            Field::Query(name) => queries.push(text_match(name, test)),
            Field::Cookie(name) => headers.push(text_match("cookie", &Test::Regex(cookie_pattern(name, test)))),
            Field::Caller { .. } => {}
        }
    }
    found = found.path(place);
    if !headers.is_empty() {
        found = found.headers(headers);
    }
    if queries.is_empty() { found } else { found.query_params(queries) }
}

fn text_match(name: &str, test: &Test) -> http_route::MatchHeader {
    let pattern = |value: String| {
        http_route::MatchHeader::new(name.to_owned(), value).type_(http_route::MatchHeaderType::RegularExpression)
    };
    match test {
        Test::Exact(text) => {
            http_route::MatchHeader::new(name.to_owned(), text.clone()).type_(http_route::MatchHeaderType::Exact)
        }
        Test::Prefix(text) => pattern(format!("{}.*", escaped(text))),
        Test::Regex(text) => pattern(text.clone()),
        Test::Present | Test::Absent => pattern(".*".to_owned()),
    }
}
