//! In-place changes that AWS refuses, so that the stack update fails and is rolled back.

use std::collections::BTreeMap;

use meshsynth_facts as facts;
use serde_json::Value;

use crate::change::Hazard;
use crate::tree::intrinsic::{self, Scope};

/// Properties that cannot change, although the schema does not list them as create-only.
const FIXED: [(&str, &str, &str); 4] = [
    (
        "AWS::KMS::Key",
        "/MultiRegion",
        "https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html",
    ),
    ("AWS::KMS::Key", "/KeySpec", "https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html"),
    ("AWS::KMS::Key", "/KeyUsage", "https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html"),
    ("AWS::KMS::Key", "/Origin", "https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html"),
];

/// Modes that change in one direction only: type, property, modes in their order, and page.
const ONE_WAY: [(&str, &str, &[&str], &str); 2] = [
    (
        "AWS::EKS::Cluster",
        "/AccessConfig/AuthenticationMode",
        &["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"],
        "https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html",
    ),
    (
        "AWS::MSK::Cluster",
        "/StorageMode",
        &["LOCAL", "TIERED"],
        "https://docs.aws.amazon.com/msk/latest/developerguide/msk-tiered-storage.html",
    ),
];

/// A resource on both sides.
pub struct Both<'a> {
    pub name: &'a str,
    pub type_name: &'a str,
    pub before: &'a Value,
    pub after: &'a Value,
    pub base: Scope<'a>,
    pub head: Scope<'a>,
}

/// Reports the changes of a resource that AWS refuses.
pub fn find(it: &Both, hazards: &mut Vec<Hazard>) {
    smaller(it, hazards);
    fixed(it, hazards);
    one_way(it, hazards);
    match it.type_name {
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" => indexes(it, hazards),
        "AWS::Kinesis::Stream" => shards(it, hazards),
        "AWS::Cognito::UserPool" => attributes(it, hazards),
        _ => {}
    }
    if let Some(path) = facts::resource(it.type_name).fixed_vpc {
        another_vpc(it, &pointer(path), hazards);
    }
}

fn hazard(text: String, help: &str, page: &str) -> Hazard {
    Hazard { text, help: format!("{help}: <{page}>") }
}

/// Converts a dotted path to a JSON pointer.
fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

fn number(properties: &Value, pointer: &str) -> Option<f64> {
    let value = properties.pointer(pointer)?;
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn smaller(it: &Both, hazards: &mut Vec<Hazard>) {
    for row in &facts::resource(it.type_name).growth {
        let pointer = pointer(row.property);
        let (Some(old), Some(new)) = (number(it.before, &pointer), number(it.after, &pointer)) else { continue };
        if new < old {
            let text = format!("`{}` shrinks from {old} to {new} {}, which AWS rejects", it.name, row.unit);
            hazards.push(hazard(text, row.help, row.page));
        }
        if new > old && new < (old * (1.0 + f64::from(row.percent) / 100.0)).floor() {
            let (name, percent) = (it.name, row.percent);
            let text = format!(
                "`{name}` grows from {old} to {new} GiB, but RDS requires an increase of at least {percent} percent"
            );
            hazards.push(hazard(text, &format!("increase the storage by at least {percent} percent"), row.page));
        }
    }
}

fn fixed(it: &Both, hazards: &mut Vec<Hazard>) {
    for (_, pointer, page) in FIXED.iter().filter(|row| row.0 == it.type_name) {
        let of = |properties: &'_ Value| -> String {
            let default = match *pointer {
                "/MultiRegion" => "false",
                "/KeySpec" => "SYMMETRIC_DEFAULT",
                "/KeyUsage" => "ENCRYPT_DECRYPT",
                _ => "AWS_KMS",
            };
            match properties.pointer(pointer) {
                None | Some(Value::Null) => default.to_owned(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            }
        };
        if of(it.before) != of(it.after) {
            let text = format!(
                "`{}` of `{}` cannot change after the key is created: AWS rejects the change",
                &pointer[1..],
                it.name
            );
            hazards.push(hazard(text, "create another key, and encrypt the data with it", page));
        }
    }
}

fn one_way(it: &Both, hazards: &mut Vec<Hazard>) {
    for (_, pointer, modes, page) in ONE_WAY.iter().filter(|row| row.0 == it.type_name) {
        let place = |properties: &Value| match properties.pointer(pointer) {
            None | Some(Value::Null) => Some(0),
            Some(value) => modes.iter().position(|mode| value == mode),
        };
        if let (Some(old), Some(new)) = (place(it.before), place(it.after))
            && new < old
        {
            let text =
                format!("`{}` changes back from `{}` to `{}`, which AWS rejects", it.name, modes[old], modes[new]);
            hazards.push(hazard(text, "keep the mode", page));
        }
    }
}

/// Reports tables that create or delete more than one global secondary index in one update.
fn indexes(it: &Both, hazards: &mut Vec<Hazard>) {
    let of = |properties: &'_ Value| -> BTreeMap<String, (Value, Value)> {
        let indexes = properties["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
        let rows = indexes.into_iter();
        rows.map(|mut it| {
            (it["IndexName"].as_str().unwrap_or_default().to_owned(), (it["KeySchema"].take(), it["Projection"].take()))
        })
        .collect()
    };
    let (old, new) = (of(it.before), of(it.after));
    let n_made = new.keys().filter(|name| !old.contains_key(*name)).count();
    let n_gone = old.keys().filter(|name| !new.contains_key(*name)).count();
    // Another key or projection requires another index.
    let n_other = new.iter().filter(|(name, index)| old.get(*name).is_some_and(|known| known != *index)).count();
    if n_made + n_gone + 2 * n_other > 1 {
        let text = format!(
            "`{}` creates or deletes {} global secondary indexes in one update, but DynamoDB allows one",
            it.name,
            n_made + n_gone + 2 * n_other
        );
        let help = "create or delete one index in each deployment; to change a key or projection, create an index with \
             another name";
        hazards.push(hazard(
            text,
            help,
            "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html",
        ));
    }
}

fn shards(it: &Both, hazards: &mut Vec<Hazard>) {
    let (Some(old), Some(new)) = (number(it.before, "/ShardCount"), number(it.after, "/ShardCount")) else { return };
    if new > old * 2.0 || new * 2.0 < old {
        let text = format!(
            "`{}` changes from {old} to {new} shards, but Kinesis can at most double or halve the \
             number",
            it.name
        );
        let page = "https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html";
        hazards.push(hazard(text, "change the number in several deployments", page));
    }
}

fn attributes(it: &Both, hazards: &mut Vec<Hazard>) {
    let of = |properties: &'_ Value| properties["Schema"].as_array().cloned().unwrap_or_default();
    let new = of(it.after);
    for attribute in of(it.before).iter().filter(|attribute| !new.contains(attribute)) {
        let name = attribute["Name"].as_str().unwrap_or_default();
        let text = format!("attribute `{name}` of `{}` is changed or removed, which Cognito rejects", it.name);
        let page = "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html";
        hazards.push(hazard(text, "keep the attribute, and add a new one", page));
    }
}

fn another_vpc(it: &Both, pointer: &str, hazards: &mut Vec<Hazard>) {
    let of = |properties: &Value, scope: Scope| -> Option<Vec<intrinsic::Part>> {
        let subnets = properties.pointer(pointer)?.as_array()?;
        subnets.iter().find_map(|subnet| intrinsic::property_of(subnet, scope, "VpcId"))
    };
    if let (Some(old), Some(new)) = (of(it.before, it.base), of(it.after, it.head))
        && old != new
    {
        let text = format!("`{}` moves to subnets of another VPC, which AWS rejects", it.name);
        let page = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.VPC2VPC.html";
        hazards.push(hazard(text, "create a new resource in that VPC, and move the data", page));
    }
}
