//! Version changes that are not possible in one step, or not reversible.

use meshsynth_facts as facts;

use super::refused::Both;
use crate::change::Hazard;

/// Reports problems of a new engine version or Kubernetes version.
pub fn find(it: &Both, hazards: &mut Vec<Hazard>) {
    if it.type_name == "AWS::EKS::Cluster" {
        kubernetes(it, hazards);
    }
    let Some(row) = &facts::resource(it.type_name).version else { return };
    let text = |properties: &serde_json::Value, key: &str| properties[key].as_str().unwrap_or_default().to_owned();
    let (old, new) = (text(it.before, row.property), text(it.after, row.property));
    let engine = text(it.after, row.engine);
    // Versions of different engines are not comparable.
    if text(it.before, row.engine) != engine {
        return;
    }
    let (Some(a), Some(b)) = (numbers(&old), numbers(&new)) else { return };
    let named = if engine.is_empty() { "the engine".to_owned() } else { engine.clone() };
    let (name, is_other_family) = (it.name, family(&old) != family(&new));
    // Without an engine, the number decides: MySQL and older engines have versions up to 10.
    let is_unknown = engine.is_empty() && !row.engine.is_empty();
    let n = if is_unknown && a[0] > LAST_OF_TWO { 1 } else { row.major_of(&engine) };
    // `Elasticsearch` versions precede `OpenSearch` versions.
    if family(&old) < family(&new) || (!is_other_family && is_major(n, &a, &b)) {
        let is_allowed = !row.needs_permission || it.after["AllowMajorVersionUpgrade"] == true;
        let allowed = if is_allowed { "" } else { "set `AllowMajorVersionUpgrade`, and " };
        let has_groups = facts::cloudformation(it.type_name)
            .is_some_and(|facts| PARAMETER_GROUPS.iter().any(|property| facts.has_attribute(property)));
        let groups = if has_groups { "use a parameter group of the new family, and " } else { "" };
        hazards.push(Hazard {
            text: format!(
                "`{name}` gets a major upgrade of {named} from {old} to {new}, which cannot be undone in place"
            ),
            help: format!("{allowed}{groups}test the upgrade on a copy first: <{}>", row.page),
        });
    } else if is_other_family || is_lower(&b, &a) {
        hazards.push(Hazard {
            text: format!(
                "`{name}` is downgraded from {named} {old} to {new}, which {} rejects",
                service(it.type_name)
            ),
            help: format!("keep the version, or restore a backup from the older version: <{}>", row.page),
        });
    }
}

/// The highest first component for which most engines have major versions of two components.
const LAST_OF_TWO: u32 = 10;

/// The properties that name a parameter group of an engine version.
const PARAMETER_GROUPS: [&str; 4] =
    ["DBParameterGroupName", "DBClusterParameterGroupName", "CacheParameterGroupName", "ParameterGroupName"];

/// Whether a version has a higher major version. `n` is the number of components of a major version.
fn is_major(n: usize, old: &[u32], new: &[u32]) -> bool {
    let major = |version: &[u32], n: usize| version.iter().take(n).copied().collect::<Vec<_>>();
    // A version with fewer components names the newest one, such as `8` for MySQL.
    let n = n.min(old.len()).min(new.len());
    major(new, n) > major(old, n)
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
        (Some(a), Some(b)) if b + 1 == a => hazards.push(Hazard {
            text: format!(
                "`{name}` is downgraded from Kubernetes {old} to {new}, which EKS accepts only within 7 days of the \
                 upgrade"
            ),
            help: "roll back node groups and add-ons first; after 7 days, keep the newer version".to_owned(),
        }),
        (Some(a), Some(b)) if b < a => hazards.push(Hazard {
            text: format!("`{name}` is downgraded from Kubernetes {old} to {new}, which EKS rejects"),
            help: "EKS rolls back one minor version, within 7 days of its upgrade; otherwise, create another cluster"
                .to_owned(),
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

fn service(type_name: &str) -> &str {
    match type_name.split("::").nth(1) {
        Some("OpenSearchService") => "OpenSearch Service",
        Some("DocDB") => "DocumentDB",
        Some(service) => service,
        None => "AWS",
    }
}
