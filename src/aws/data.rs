//! Common parts of data stores: subnets, encryption keys, names and logs.

use super::kms::{Key, KeyProps};
use super::logs::{LogGroup, LogGroupProps};
use super::vpc::{Tier, Vpc};
use crate::diagram::DiagramNode;
use crate::name;
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;

/// Returns the subnet tier of data stores: isolated, or private if the VPC has no isolated subnets.
pub(super) fn tier(vpc: &Vpc) -> Tier {
    match vpc.subnets(Tier::Isolated).is_empty() {
        true => Tier::Private,
        false => Tier::Isolated,
    }
}

/// Returns the CIDR blocks of the subnets for data stores, or the block of the VPC if it has no such subnets.
pub(super) fn blocks(vpc: &Vpc) -> Vec<Cidr> {
    let of_tier = vpc.subnet_cidrs(tier(vpc));
    if of_tier.is_empty() { vec![vpc.cidr()] } else { of_tier }
}

/// Shows a data store in the diagram, in its VPC and tier.
pub(super) fn diagram(scope: &Scope, vpc: &Vpc, kind: &'static str, detail: String) {
    scope.diagram(DiagramNode::new(kind).detail(detail).within(vpc).tier(tier(vpc).word()));
}

/// Adds a construct that represents the copy of a data store in another region, and shows it in the diagram.
pub(super) fn copy(of: &Scope, region: &str, node: DiagramNode) -> Scope {
    let copy = of.construct(&format!("copy-{region}"));
    let label = format!("{}, copy", of.path().rsplit('/').next().unwrap_or_default());
    copy.diagram(node.label(label).region(region));
    of.replicates_to(&copy);
    copy
}

/// Returns the given key, or defines a separate key for the construct.
pub(super) fn key_or_own(scope: &Scope, key: Option<Key>) -> Key {
    key.unwrap_or_else(|| Key::new(scope, "key", KeyProps::default()))
}

/// Returns the physical name of a construct's main resource: the app and the construct's path, at most `max`
/// characters.
///
/// The name contains the whole path, so that constructs with the same id in different stacks do not collide. It starts
/// with a letter, as databases and caches require.
pub(super) fn physical_name(scope: &impl Construct, max: usize) -> String {
    let scope = scope.scope();
    let whole = format!("{}/{}", scope.app_name(), scope.path()).to_ascii_lowercase();
    let start = if whole.starts_with(|c: char| c.is_ascii_alphabetic()) { "" } else { "app-" };
    let words: Vec<&str> = whole.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    name::fit(&format!("{start}{}", words.join("-")), max)
}

/// Defines the log group of a data store. The store's key encrypts it. The log group is deleted with the store only if
/// the store's deletion policy is `OnDelete::Delete`.
pub(super) fn log_group(scope: &Scope, id: &str, name: Option<String>, logs: Logs<'_>) -> LogGroup {
    let on_delete = match logs.on_delete {
        OnDelete::Delete => OnDelete::Delete,
        OnDelete::RetainAlways => OnDelete::RetainAlways,
        OnDelete::Unset | OnDelete::Retain | OnDelete::Snapshot => OnDelete::Retain,
    };
    LogGroup::new(
        scope,
        id,
        LogGroupProps { name, retention_days: logs.retention_days, key: Some(logs.key.clone()), on_delete },
    )
}

/// Returns the name of a log group to which an AWS service delivers.
///
/// AWS services need a statement in the account's resource policy for each log group without this prefix. The prefix
/// keeps that policy below its size limit.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html>
pub(super) fn delivery_name(scope: &Scope, service: &str) -> String {
    format!("/aws/vendedlogs/{service}/{}", physical_name(scope, 200))
}

/// The log settings of a data store.
#[derive(Clone, Copy)]
pub(super) struct Logs<'a> {
    /// Days after which entries are deleted.
    pub retention_days: u16,
    /// The key of the data store.
    pub key: &'a Key,
    /// The deletion policy of the data store.
    pub on_delete: OnDelete,
}
