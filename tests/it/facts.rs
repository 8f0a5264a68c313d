//! The rows of facts about resource types and kinds, compared with the schemas and with the source code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use meshsynth::facts;
use serde_json::Value;

use crate::support::{files, root};

/// Pairs of a column and property names. A type needs the column if its schema has a property whose name ends in one of
/// these names.
const NAMES: [(&str, &[&str]); 3] = [
    (
        "interfaces",
        &[
            "subnet",
            "subnets",
            "subnetid",
            "subnetids",
            "subnetidlist",
            "subnetmapping",
            "subnetmappings",
            "securitygroup",
            "securitygroups",
            "securitygroupid",
            "securitygroupids",
            "securitygroupidlist",
        ],
    ),
    (
        "exposed",
        &[
            "publiclyaccessible",
            "assignpublicip",
            "associatepublicipaddress",
            "createpublicip",
            "publicaccess",
            "publicaccessblockconfiguration",
            "mappubliciponlaunch",
            "endpointpublicaccess",
            "publicnetworkconfiguration",
        ],
    ),
    (
        "policy",
        &[
            "policydocument",
            "resourcepolicy",
            "accesspolicy",
            "accesspolicies",
            "keypolicy",
            "filesystempolicy",
            "repositorypolicytext",
        ],
    ),
];

/// The maximum depth of compared properties.
const DEPTH: usize = 6;

/// A reduced schema of a vendor.
struct Schema(Value);

impl Schema {
    /// Returns the paths of all properties that a template can set, with `*` for list items.
    fn paths(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.collect(&self.0["schema"], &mut Vec::new(), &mut Vec::new(), &mut found);
        for path in self.read_only() {
            found.remove(path);
        }
        found
    }

    fn read_only(&self) -> Vec<&str> {
        self.0["readOnly"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    fn collect<'a>(
        &'a self,
        mut schema: &'a Value,
        path: &mut Vec<&'a str>,
        open: &mut Vec<&'a str>,
        found: &mut BTreeSet<String>,
    ) {
        let n_open = open.len();
        while let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) {
            if open.contains(&name) {
                return;
            }
            open.push(name);
            schema = &self.0["definitions"][name];
        }
        if path.len() < DEPTH * 2 {
            for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
                path.push(name);
                found.insert(path.join("."));
                self.collect(inner, path, open, found);
                path.pop();
            }
            if schema["items"].is_object() {
                path.push("*");
                self.collect(&schema["items"], path, open, found);
                path.pop();
            }
            let choices = ["anyOf", "oneOf", "allOf"].into_iter().flat_map(|it| schema[it].as_array());
            for choice in choices.flatten() {
                self.collect(choice, path, open, found);
            }
        }
        open.truncate(n_open);
    }
}

fn lines(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(root().join(path)).expect("the facts are text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn schemas() -> BTreeMap<String, Schema> {
    let mut found = BTreeMap::new();
    for file in files(&root().join("crates/facts/schema/cloudformation"), &["jsonl"]) {
        let text = fs::read_to_string(file).expect("the facts are text");
        for line in text.lines() {
            let schema: Value = serde_json::from_str(line).expect("a line is JSON");
            found.insert(schema["name"].as_str().unwrap_or_default().to_owned(), Schema(schema));
        }
    }
    found
}

/// The property paths in a row.
fn paths_of(row: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut found: Vec<String> =
        ["member", "vpc", "schedule", "timeZone"].iter().filter_map(|it| text(&row[it])).collect();
    let named = ["replica", "follows"].iter().flat_map(|it| row[it].as_array()).flatten();
    found.extend(named.filter_map(text));
    let interfaces = &row["interfaces"];
    found.extend(["subnets", "groups", "subnetGroup", "mappings"].iter().filter_map(|it| text(&interfaces[it])));
    found.extend(interfaces["when"].as_array().into_iter().flatten().filter_map(text));
    found.extend(
        ["public", "key", "backup", "version", "ports", "window"].iter().filter_map(|it| text(&row[it]["property"])),
    );
    found.extend(["of", "document"].iter().filter_map(|it| text(&row["policy"][it])));
    found.extend(text(&row["arn"]["name"]));
    let lists = ["retention", "grows"].iter().flat_map(|it| row[it].as_array()).flatten();
    found.extend(lists.filter_map(|it| text(&it["property"])));
    found.extend(row["classes"].as_array().into_iter().flatten().filter_map(|it| text(&it[0])));
    let general = |step: &str| if step.parse::<usize>().is_ok() { "*".to_owned() } else { step.to_owned() };
    found.iter().map(|path| path.split('.').map(general).collect::<Vec<_>>().join(".")).collect()
}

/// AWS SAM types are in another file, without a full schema. A custom resource has any property.
fn is_without_schema(type_name: &str) -> bool {
    type_name.starts_with("AWS::Serverless::") || type_name == "AWS::CloudFormation::CustomResource"
}

#[test]
fn each_row_matches_the_schema_of_its_type() {
    let schemas = schemas();
    let mut wrong = Vec::new();
    for row in lines("crates/facts/schema/facts/resources.jsonl") {
        let type_name = row["type"].as_str().unwrap_or_default();
        match schemas.get(type_name) {
            Some(schema) => {
                let mut known = schema.paths();
                known.extend(schema.read_only().into_iter().map(str::to_owned));
                let missing = paths_of(&row).into_iter().filter(|path| !known.contains(path));
                wrong.extend(missing.map(|path| format!("{type_name} has no `{path}`")));
            }
            None if is_without_schema(type_name) => {}
            None => wrong.push(format!("{type_name} does not exist")),
        }
        let through = row["interfaces"]["through"].as_str().filter(|it| *it != "member");
        if let Some(other) = through
            && !schemas.get(other).is_some_and(|it| it.paths().contains(row["interfaces"]["by"].as_str().unwrap_or("")))
        {
            wrong.push(format!("{other} does not name {type_name}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_type_with_interfaces_policies_or_public_access_has_a_row() {
    let rows: BTreeMap<String, Value> = lines("crates/facts/schema/facts/resources.jsonl")
        .into_iter()
        .map(|row| (row["type"].as_str().unwrap_or_default().to_owned(), row))
        .collect();
    let mut missing = Vec::new();
    for (type_name, schema) in schemas() {
        let row = rows.get(&type_name).unwrap_or(&Value::Null);
        let paths = schema.paths();
        for (column, names) in NAMES {
            let is_it = |path: &&String| {
                let name = path.rsplit('.').next().unwrap_or_default().to_lowercase();
                names.iter().any(|it| name.ends_with(it)) || (column == "policy" && path.as_str() == "Policy")
            };
            let is_reviewed = row["none"].as_array().is_some_and(|it| it.iter().any(|it| it == column))
                || !row[column].is_null()
                || (column == "policy" && !row["identity"].is_null());
            if let Some(path) = paths.iter().find(is_it).filter(|_| !is_reviewed) {
                missing.push(format!("{type_name}: `{column}`, because of `{path}`"));
            }
        }
    }
    assert!(missing.is_empty(), "fill these columns in crates/facts/schema/facts/resources.jsonl: {missing:#?}");
}

#[test]
fn stateful_types_hold_data() {
    let extra = fs::read_to_string(root().join("crates/facts/schema/cloudformation-extra.json")).expect("it is text");
    let extra: Value = serde_json::from_str(&extra).expect("it is JSON");
    let stateful = extra["stateful"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let wrong: Vec<&str> = stateful.filter(|it| !facts::resource(it).holds_data()).collect();
    assert!(wrong.is_empty(), "fill the column `holds`: {wrong:#?}");
}

#[test]
fn types_with_an_evaluated_exposure_are_marked() {
    let wrong: Vec<String> = schemas()
        .into_keys()
        .filter(|it| meshsynth_access::network::can_be_exposed(it) != facts::resource(it).is_exposable)
        .collect();
    assert!(wrong.is_empty(), "the column `exposed` and `access::network::exposures` disagree: {wrong:#?}");
}

#[test]
fn kinds_exist_in_the_schemas() {
    let known: BTreeSet<&str> = facts::known_kinds().map(|(_, kind)| kind).collect();
    // These kinds have no schema in the facts.
    let without_schema =
        ["DeploymentConfig", "IngressClassParams", "LoadBalancerConfiguration", "TargetGroupBinding", "TCPRoute"];
    let wrong: Vec<&str> = facts::kinds()
        .iter()
        .map(|kind| kind.name)
        .filter(|name| !known.contains(name) && !without_schema.contains(name))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Files with four or more type names or workload kinds in one list, each with the reason.
const TABLES: [(&str, &str); 16] = [
    ("crates/access/src/network/exposure.rs", "the crate has no dependencies; a test compares its list with the facts"),
    ("crates/adopt/src/constructs/methods/network.rs", "methods of constructs, which are facts of this library"),
    ("crates/adopt/src/constructs/methods/services.rs", "methods of constructs, which are facts of this library"),
    ("crates/adopt/src/constructs/network.rs", "the references that lead to the construct of a network"),
    ("crates/check/src/policy/admission/defaults/mod.rs", "each kind has a function with its defaults"),
    ("crates/deploy/src/kube/controllers.rs", "a table of fields by the controller that writes them"),
    ("crates/deploy/src/kube/ready.rs", "each kind has its own condition of readiness"),
    ("crates/diff/src/cases.rs", "a table of properties, with the effect of each change"),
    ("crates/diff/src/hazard/refused.rs", "each type has a function with its checks"),
    ("crates/diff/src/serverless.rs", "AWS SAM types, which have no schema"),
    ("crates/diff/src/tree/defaults/kinds.rs", "a table of fields with their defaults"),
    ("crates/reach/src/entries/members.rs", "each type has a function with its memberships"),
    ("crates/reach/src/loss/entries/balancers.rs", "each type has its own loss behavior"),
    ("crates/reach/src/loss/stores/mod.rs", "each type has its own loss behavior"),
    ("crates/reach/src/loss/stores/regional.rs", "each type has its own loss behavior"),
    ("src/rules/index/annotations.rs", "the kinds that Istio reads annotations of"),
];

/// The crates whose code is searched for tables: all except the facts.
const CODE: [&str; 15] = [
    "crates/access",
    "crates/adopt",
    "crates/assembly",
    "crates/check",
    "crates/cli",
    "crates/deploy",
    "crates/deploy-bin",
    "crates/dev/reference",
    "crates/diff",
    "crates/model",
    "crates/program",
    "crates/reach",
    "crates/template",
    "crates/upgrade",
    "crates/yaml",
];

/// The largest number of names in one list outside of the facts.
const MAX_NAMES: usize = 3;

/// Returns the code of a file without comments and tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().map(|line| match line.find("//") {
        // A URL in a string is not a comment.
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the largest number of different names in one list. A block, a function or a statement ends a list.
fn longest_list(code: &str, is_name: impl Fn(&str) -> bool) -> usize {
    let (mut longest, mut names) = (0, BTreeSet::new());
    for (idx, part) in code.split('"').enumerate() {
        match idx % 2 {
            0 if part.contains(['{', '}', ';']) => names.clear(),
            1 if is_name(part) => drop(names.insert(part)),
            _ => {}
        }
        longest = longest.max(names.len());
    }
    longest
}

#[test]
fn code_outside_the_facts_has_no_tables_of_types() {
    let is_type = |text: &str| text.starts_with("AWS::") && text.split("::").count() == 3 && !text.ends_with("::");
    let is_workload = |text: &str| facts::kind(text).runs_pods();
    let mut found = BTreeSet::new();
    let folders = CODE.iter().map(|name| format!("{name}/src")).chain(["src".to_owned()]);
    for path in folders.flat_map(|folder| files(&root().join(folder), &["rs"])) {
        let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a source file is text");
        let is_ours = !text.starts_with("// Generated by") && !name.ends_with("tests.rs");
        let code = if is_ours { code(&text) } else { String::new() };
        if longest_list(&code, is_type) > MAX_NAMES || longest_list(&code, is_workload) > MAX_NAMES {
            found.insert(name);
        }
    }
    let known: BTreeSet<String> = TABLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let new: Vec<&String> = found.difference(&known).collect();
    assert!(
        new.is_empty(),
        "add a column to the facts (crates/facts/schema/README.md), or a reason to `TABLES`: {new:#?}"
    );
    let gone: Vec<&String> = known.difference(&found).collect();
    assert!(gone.is_empty(), "these have no table any more: {gone:#?}");
}

#[test]
fn at_most_8_files_contain_the_database_instance_type() {
    let folders = CODE.iter().map(|name| format!("{name}/src")).chain(["src".to_owned()]);
    let is_listed = |path: &std::path::Path| {
        let text = fs::read_to_string(path).expect("a source file is text");
        let name = path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned();
        let is_ours = !text.starts_with("// Generated by") && !name.starts_with("src/aws");
        is_ours && !name.ends_with("tests.rs") && code(&text).contains("\"AWS::RDS::DBInstance\"")
    };
    let found: Vec<_> = folders.flat_map(|it| files(&root().join(it), &["rs"])).filter(|it| is_listed(it)).collect();
    assert!(found.len() <= 8, "use a column of the facts: {found:#?}");
}
