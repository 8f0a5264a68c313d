//! External sources that changed resources name: accounts, principals and address blocks.

use std::collections::BTreeSet;

use meshsynth_access::sets::Cidr;
use meshsynth_reach::network::number;
use meshsynth_reach::{Port, World};
use serde_json::Value;

use super::affected::Affected;
use super::references::collect;

/// External names in changed resources.
#[derive(Debug, Default)]
pub struct Elsewhere {
    /// ARNs, accounts and address blocks.
    pub sources: BTreeSet<String>,
    /// The ports in network rules.
    pub ports: BTreeSet<Port>,
}

/// The maximum size of a port range that is evaluated port by port.
const MOST_PORTS: u16 = 4;

/// Returns the external names in the changed resources of both sides.
pub fn named(worlds: [&World; 2], affected: &Affected) -> Elsewhere {
    let mut found = Elsewhere::default();
    for (world, ids) in worlds.into_iter().zip(&affected.resources) {
        let own: BTreeSet<&str> = world.stacks.iter().map(|it| it.account.as_str()).collect();
        for resource in ids.iter().map(|id| world.resource(*id)) {
            let mut texts = Vec::new();
            collect(&resource.properties, &mut texts);
            let principals = texts.iter().flat_map(|text| principals(text)).filter(|it| !is_own_account(it, &own));
            found.sources.extend(principals);
            let is_rule = ["AWS::EC2::SecurityGroup", "AWS::EC2::NetworkAclEntry", "AWS::EC2::PrefixList"]
                .iter()
                .any(|it| resource.type_name.starts_with(it));
            if is_rule {
                found.sources.extend(texts.iter().filter(|it| is_block(it)).map(|it| (*it).to_owned()));
                ports(&resource.properties, &mut found.ports);
            }
        }
    }
    found
}

/// Returns the principals of other accounts in a text, which may be a policy document.
fn principals(text: &str) -> Vec<String> {
    let is_id = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_id(text) {
        return vec![text.to_owned()];
    }
    let pieces = text.split(['"', ' ', '\n']).filter(|it| it.starts_with("arn:"));
    let is_named = |arn: &&str| {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, "iam", "", account, rest] = parts.as_slice() else { return false };
        let is_one = *rest == "root" || rest.starts_with("role/") || rest.starts_with("user/");
        is_id(account) && is_one && !arn.contains(['*', '?', '$'])
    };
    pieces.filter(is_named).map(str::to_owned).collect()
}

/// Whether a principal is an account of the platform.
fn is_own_account(principal: &str, own: &BTreeSet<&str>) -> bool {
    let account = principal.strip_suffix(":root").and_then(|it| it.rsplit(':').next()).unwrap_or(principal);
    own.contains(account)
}

/// Whether a text is an address block. A block of all addresses is the internet instead.
fn is_block(text: &str) -> bool {
    text.contains('/') && text.parse::<Cidr>().is_ok() && !text.ends_with("/0")
}

fn ports(value: &Value, found: &mut BTreeSet<Port>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| ports(it, found)),
        Value::Object(map) => {
            if let (Some(from), Some(to)) = (map.get("FromPort").and_then(number), map.get("ToPort").and_then(number))
                && to.saturating_sub(from) < MOST_PORTS
            {
                found.extend((from.max(1)..=to).map(Port::tcp));
            }
            map.values().for_each(|it| ports(it, found));
        }
        _ => {}
    }
}
