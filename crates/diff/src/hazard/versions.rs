//! Version changes that are not possible in one step, or not reversible.

use meshsynth_facts as facts;

use super::refused::Both;
use crate::change::Hazard;

/// Reports problems of a new engine version or Kubernetes version.
pub fn find(it: &Both, hazards: &mut Vec<Hazard>) {
    if it.type_name == "AWS::EKS::Cluster" {
        kubernetes(it, hazards);
    }
    let Some(row) = facts::resource(it.type_name).version else { return };
    let text = |properties: &serde_json::Value, key: &str| properties[key].as_str().unwrap_or_default().to_owned();
    let (old, new) = (text(it.before, row.property), text(it.after, row.property));
    // Versions of different engines are not comparable.
    if text(it.before, "Engine") != text(it.after, "Engine") || family(&old) != family(&new) {
        return;
    }
    let (Some(a), Some(b)) = (numbers(&old), numbers(&new)) else { return };
    let named = text(it.after, "Engine");
    let named = if named.is_empty() { "the engine".to_owned() } else { named };
    let name = it.name;
    if is_lower(&b, &a) {
        hazards.push(Hazard {
            text: format!(
                "`{name}` is downgraded from {named} {old} to {new}, which {} rejects",
                service(it.type_name)
            ),
            help: format!("keep the version, or restore a snapshot from the older version: <{}>", row.page),
        });
    } else if major(it.type_name, &b) > major(it.type_name, &a) {
        let is_allowed = !row.needs_permission || it.after["AllowMajorVersionUpgrade"] == true;
        let allowed = if is_allowed { "" } else { "set `AllowMajorVersionUpgrade` and " };
        hazards.push(Hazard {
            text: format!(
                "`{name}` gets a major upgrade of {named} from {old} to {new}, which only restoring a \
                 snapshot can undo"
            ),
            help: format!(
                "{allowed}use a parameter group of the new family; test the upgrade on a restored snapshot first: \
                 <{}>",
                row.page
            ),
        });
    }
}

fn kubernetes(it: &Both, hazards: &mut Vec<Hazard>) {
    let text = |properties: &serde_json::Value| properties["Version"].as_str().unwrap_or_default().to_owned();
    let (old, new, name) = (text(it.before), text(it.after), it.name);
    match (minor(&old), minor(&new)) {
        (Some(a), Some(b)) if b > a + 1 => hazards.push(Hazard {
            text: format!(
                "`{name}` is upgraded from Kubernetes {old} to {new}, but EKS upgrades one minor version at \
                 a time"
            ),
            help: format!("deploy 1.{} first, including its node groups and add-ons", a + 1),
        }),
        (Some(a), Some(b)) if b < a => hazards.push(Hazard {
            text: format!("`{name}` is downgraded from Kubernetes {old} to {new}, which EKS may reject"),
            help: "keep the newer version, or create another cluster".to_owned(),
        }),
        _ => {}
    }
}

fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.parse().ok()
}

/// Returns the text before the numbers of a version: `OpenSearch` for `OpenSearch_2.11`.
fn family(version: &str) -> &str {
    version.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default()
}

/// Returns the numbers of a version: 8, 0, 3, 7 for `8.0.mysql_aurora.3.7`.
fn numbers(version: &str) -> Option<Vec<u32>> {
    let rest = &version[family(version).len()..];
    let parts = rest.split(['.', '-', '_']).filter_map(|part| part.parse().ok());
    let numbers: Vec<u32> = parts.collect();
    (!numbers.is_empty()).then_some(numbers)
}

/// Whether a version is older, comparing only the parts that both specify: `16` is not older than `16.4`.
fn is_lower(new: &[u32], old: &[u32]) -> bool {
    new.iter().zip(old).find(|(new, old)| new != old).is_some_and(|(new, old)| new < old)
}

/// Returns the major version: two numbers for Neptune and for RDS instances with a version below 10, otherwise one.
fn major(type_name: &str, numbers: &[u32]) -> Vec<u32> {
    let two = numbers.first().is_some_and(|first| match type_name {
        "AWS::RDS::DBInstance" => *first < 10,
        "AWS::Neptune::DBCluster" => true,
        _ => false,
    });
    numbers.iter().take(if two { 2 } else { 1 }).copied().collect()
}

fn service(type_name: &str) -> &str {
    match type_name.split("::").nth(1) {
        Some("OpenSearchService") => "OpenSearch Service",
        Some("DocDB") => "DocumentDB",
        Some(service) => service,
        None => "AWS",
    }
}
