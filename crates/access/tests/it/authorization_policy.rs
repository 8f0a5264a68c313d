//! Authorization policies: fields and their complements, conditions, actions, and the default without a policy.

use meshsynth_access::istio::{Action, AuthorizationPolicy};
use meshsynth_access::sets::Dimension;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::points::{Value, check, in_block, property};

/// A field and its values.
type Field = (&'static str, Vec<&'static str>);

#[derive(Clone, Debug)]
struct Rule {
    from: Vec<Vec<Field>>,
    to: Vec<Vec<Field>>,
    /// A key, its values, and its excluded values.
    when: Vec<(&'static str, Vec<&'static str>, Vec<&'static str>)>,
}

type Policy = (&'static str, Vec<Rule>);

fn list(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(of), 1..3)
}

const PRINCIPALS: &[&str] = &["*", "td/ns/a/sa/x", "td/ns/a/*", "*/sa/y"];

fn source() -> impl Strategy<Value = Field> {
    let names = |names: &'static [&'static str], of: &'static [&'static str]| (prop::sample::select(names), list(of));
    prop_oneof![
        names(&["principals", "notPrincipals"], PRINCIPALS),
        names(&["namespaces", "notNamespaces"], &["a", "b"]),
        names(&["requestPrincipals", "notRequestPrincipals"], &["*", "iss/sub", "iss/*"]),
        names(&["ipBlocks", "notIpBlocks"], &["10.0.0.0/8", "10.1.0.0/16"]),
    ]
}

fn operation() -> impl Strategy<Value = Field> {
    let names = |names: &'static [&'static str], of: &'static [&'static str]| (prop::sample::select(names), list(of));
    prop_oneof![
        names(&["hosts", "notHosts"], &["shop.com", "*.shop.com"]),
        names(&["ports", "notPorts"], &["80", "443"]),
        names(&["methods", "notMethods"], &["GET", "*", "P*"]),
        names(&["paths", "notPaths"], &["/api/*", "*/health", "/api/{*}", "/api/{**}/x", "/api"]),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let fields = |field: BoxedStrategy<Field>| prop::collection::vec(prop::collection::vec(field, 1..3), 0..3);
    let values = || prop_oneof![Just(Vec::new()), list(&["v", "w", "*"])];
    let condition = (prop::sample::select(&["request.headers[h]"][..]), values(), values());
    (fields(source().boxed()), fields(operation().boxed()), prop::collection::vec(condition, 0..2))
        .prop_map(|(from, to, when)| Rule { from, to, when })
}

fn policies() -> impl Strategy<Value = Vec<Policy>> {
    let action = prop::sample::select(&["ALLOW", "DENY", "AUDIT", "CUSTOM", ""][..]);
    prop::collection::vec((action, prop::collection::vec(rule(), 0..3)), 0..3)
}

/// The last of two fields with the same name is used.
fn fields(fields: &[Field]) -> Json {
    let mut json = json!({});
    for (name, values) in fields {
        json[name] = json!(values);
    }
    json
}

fn json((action, rules): &Policy) -> Json {
    let rules: Vec<Json> = rules
        .iter()
        .map(|rule| {
            let mut json = json!({});
            if !rule.from.is_empty() {
                json["from"] = rule.from.iter().map(|it| json!({ "source": fields(it) })).collect();
            }
            if !rule.to.is_empty() {
                json["to"] = rule.to.iter().map(|it| json!({ "operation": fields(it) })).collect();
            }
            let when = |(key, values, not): &(&str, Vec<&str>, Vec<&str>)| json!({ "key": key, "values": values, "notValues": not });
            if !rule.when.is_empty() {
                json["when"] = rule.when.iter().map(when).collect();
            }
            json
        })
        .collect();
    let mut spec = json!({ "rules": rules });
    if !action.is_empty() {
        spec["action"] = json!(action);
    }
    if *action == "CUSTOM" {
        spec["provider"] = json!({ "name": "oauth" });
    }
    json!({ "kind": "AuthorizationPolicy", "metadata": { "name": "it", "namespace": "a" }, "spec": spec })
}

#[derive(Clone, Debug)]
struct Point {
    principal: Option<&'static str>,
    token: Option<&'static str>,
    address: &'static str,
    host: &'static str,
    port: &'static str,
    method: &'static str,
    path: &'static str,
    header: Option<&'static str>,
    is_passed: bool,
}

/// One caller for each combination of matching patterns.
const CALLERS: [Option<&str>; 17] = [
    None,
    Some("td/ns/a/sa/x"),
    Some("td/ns/a/sa/y"),
    Some("td/ns/a/sa/z"),
    Some("td/ns/b/sa/y"),
    Some("td/ns/b/sa/z"),
    Some("other/ns/a/sa/y"),
    Some("other/ns/a/sa/z"),
    Some("td/ns/a/ns/b/sa/y"),
    Some("td/ns/a/ns/b/sa/z"),
    Some("other/ns/a/ns/b/sa/y"),
    Some("other/ns/a/ns/b/sa/z"),
    Some("td/ns/c/sa/y"),
    Some("td/ns/c/sa/z"),
    Some("q/sa/y"),
    Some("sa/y"),
    Some("z"),
];
const TOKENS: [Option<&str>; 4] = [None, Some("iss/sub"), Some("iss/z"), Some("z")];
const ADDRESSES: [&str; 3] = ["10.1.0.1", "10.2.0.1", "192.0.2.1"];
const HOSTS: [&str; 4] = ["shop.com", "SHOP.com", "a.shop.com", "x"];
const PATHS: [&str; 10] =
    ["/api", "/api/", "/api/a", "/api/health", "/api/a/x", "/api/a/b", "/health", "/", "/api/a/b/health", "/api//x"];
const HEADERS: [Option<&str>; 4] = [None, Some("v"), Some("w"), Some("z")];

fn points(fields: &[&str], has_header: bool, has_custom: bool) -> Vec<Point> {
    fn choice<T: Clone>(all: &[T], is_named: bool) -> &[T] {
        if is_named { all } else { &all[..1] }
    }
    let names = |end: &str| fields.iter().any(|it| it.to_lowercase().ends_with(end));
    let mut points = Vec::new();
    let is_caller = fields.iter().any(|it| ["principals", "notPrincipals", "namespaces", "notNamespaces"].contains(it));
    for principal in choice(&CALLERS, is_caller) {
        for token in choice(&TOKENS, names("requestprincipals")) {
            for address in choice(&ADDRESSES, names("ipblocks")) {
                for host in choice(&HOSTS, names("hosts")) {
                    for port in choice(&["80", "443", "9000"], names("ports")) {
                        for method in choice(&["GET", "PUT", "DELETE"], names("methods")) {
                            for path in choice(&PATHS, names("paths")) {
                                for header in choice(&HEADERS, has_header) {
                                    for is_passed in choice(&[false, true], has_custom) {
                                        points.push(Point {
                                            principal: *principal,
                                            token: *token,
                                            address,
                                            host,
                                            port,
                                            method,
                                            path,
                                            header: *header,
                                            is_passed: *is_passed,
                                        });
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    points
}

fn fits(pattern: &str, text: &str) -> bool {
    match (pattern, pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        ("*", ..) => !text.is_empty(),
        (_, Some(end), _) => text.ends_with(end),
        (_, _, Some(start)) => text.starts_with(start),
        _ => pattern == text,
    }
}

fn fits_path(pattern: &str, path: &str) -> bool {
    match pattern {
        "/api/{*}" => path.strip_prefix("/api/").is_some_and(|rest| !rest.is_empty() && !rest.contains('/')),
        "/api/{**}/x" => path.strip_prefix("/api/").is_some_and(|rest| rest.ends_with("/x")),
        _ => fits(pattern, path),
    }
}

fn holds(field: &str, values: &[&str], point: &Point) -> bool {
    let (negates, name) = match field.strip_prefix("not") {
        Some(rest) => (true, rest[..1].to_lowercase() + &rest[1..]),
        None => (false, field.to_owned()),
    };
    let namespace = point.principal.map(|it| it.split('/').collect::<Vec<_>>()).unwrap_or_default();
    let any = |fits: &dyn Fn(&str) -> bool| values.iter().any(|it| fits(it));
    let found = match name.as_str() {
        "principals" => point.principal.is_some_and(|it| any(&|wanted| fits(wanted, it))),
        "namespaces" => namespace.len() > 3 && namespace[1] == "ns" && any(&|wanted| wanted == namespace[2]),
        "requestPrincipals" => point.token.is_some_and(|it| any(&|wanted| fits(wanted, it))),
        "ipBlocks" => any(&|wanted| in_block(wanted, point.address.parse().unwrap())),
        "hosts" => any(&|wanted| fits(wanted, &point.host.to_lowercase())),
        "ports" => any(&|wanted| wanted == point.port),
        "methods" => any(&|wanted| fits(wanted, point.method)),
        "paths" => any(&|wanted| fits_path(wanted, point.path)),
        other => panic!("{other}"),
    };
    found != negates
}

fn all(fields: &[Field], point: &Point) -> bool {
    let counts = |(at, (name, _)): &(usize, &Field)| !fields[at + 1..].iter().any(|(later, _)| later == name);
    fields.iter().enumerate().filter(counts).all(|(_, (name, values))| holds(name, values, point))
}

fn applies(rule: &Rule, point: &Point) -> bool {
    let has = |values: &[&str]| point.header.is_some_and(|it| values.iter().any(|wanted| fits(wanted, it)));
    (rule.from.is_empty() || rule.from.iter().any(|it| all(it, point)))
        && (rule.to.is_empty() || rule.to.iter().any(|it| all(it, point)))
        && rule.when.iter().all(|(_, values, not)| (values.is_empty() || has(values)) && (not.is_empty() || !has(not)))
}

fn admits(policies: &[Policy], point: &Point) -> bool {
    let fits = |action: &[&str]| {
        policies.iter().filter(|it| action.contains(&it.0)).any(|it| it.1.iter().any(|rule| applies(rule, point)))
    };
    if (fits(&["CUSTOM"]) && !point.is_passed) || fits(&["DENY"]) {
        return false;
    }
    !policies.iter().any(|it| ["ALLOW", ""].contains(&it.0)) || fits(&["ALLOW", ""])
}

fn value(point: &Point, dimension: &Dimension) -> Value {
    let text = |it: &str| Value::Text(it.to_owned());
    match dimension {
        Dimension::Host => text(point.host),
        Dimension::Port => Value::Number(point.port.parse().unwrap()),
        Dimension::Method => text(point.method),
        Dimension::Path => text(point.path),
        Dimension::Opaque(_) => text(if point.is_passed { "yes" } else { "no" }),
        Dimension::Key(key) => match key.name() {
            "source.principal" => point.principal.map_or(Value::Absent, text),
            "request.auth.principal" => point.token.map_or(Value::Absent, text),
            "source.ip" => Value::Address(point.address.parse().unwrap()),
            _ => point.header.map_or(Value::Absent, text),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn workloads_admit_the_callers_that_policies_allow() {
    property(400, &(policies(), policies()), |(before, after)| {
        let rules = || before.iter().chain(&after).flat_map(|(_, rules)| rules);
        let fields: Vec<&str> =
            rules().flat_map(|it| it.from.iter().chain(&it.to)).flatten().map(|(name, _)| *name).collect();
        let has_custom = before.iter().chain(&after).any(|(action, _)| *action == "CUSTOM");
        let points = points(&fields, rules().any(|it| !it.when.is_empty()), has_custom);
        prop_assume!(points.len() < 1000);
        let region = |policies: &[Policy]| {
            let policies: Vec<_> = policies.iter().map(|it| AuthorizationPolicy::parse(&json(it))).collect();
            AuthorizationPolicy::admits(&policies)
        };
        let is_admitted = |point: &Point, is_after: bool| admits(if is_after { &after } else { &before }, point);
        check(&region(&before), &region(&after), &points, is_admitted, value)
    });
}

#[test]
fn default_action_is_allow() {
    assert_eq!(AuthorizationPolicy::parse(&json(&("", vec![]))).action, Action::Allow);
}
