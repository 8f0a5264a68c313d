//! What data stores share: where they live, what encrypts them, what they are called.

use super::kms::{Key, KeyProps};
use super::logs::{LogGroup, LogGroupProps};
use super::vpc::{Tier, Vpc};
use crate::diagram::DiagramNode;
use crate::name;
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;

/// Returns the tier that data stores live in: the isolated one, or the private one where a VPC has none.
pub(super) fn tier(vpc: &Vpc) -> Tier {
    match vpc.subnets(Tier::Isolated).is_empty() {
        true => Tier::Private,
        false => Tier::Isolated,
    }
}

/// Returns the blocks that a data store in a VPC may listen in: those of its tier, or the whole network where it has no
/// such subnets.
pub(super) fn blocks(vpc: &Vpc) -> Vec<Cidr> {
    let of_tier = vpc.subnet_cidrs(tier(vpc));
    if of_tier.is_empty() { vec![vpc.cidr()] } else { of_tier }
}

/// Shows a data store in the diagram, in its VPC and tier.
pub(super) fn diagram(scope: &Scope, vpc: &Vpc, kind: &'static str, detail: String) {
    scope.diagram(DiagramNode::new(kind).detail(detail).within(vpc).tier(tier(vpc).word()));
}

/// Returns the construct that stands in the diagram for the copy that a store keeps in another region.
pub(super) fn copy(of: &Scope, region: &str, node: DiagramNode) -> Scope {
    let copy = of.construct(&format!("copy-{region}"));
    let label = format!("{}, copy", of.path().rsplit('/').next().unwrap_or_default());
    copy.diagram(node.label(label).region(region));
    of.replicates_to(&copy);
    copy
}

/// Returns the key that was asked for, or one of the construct's own.
pub(super) fn key_or_own(scope: &Scope, key: Option<Key>) -> Key {
    key.unwrap_or_else(|| Key::new(scope, "key", KeyProps::default()))
}

/// Returns the name of a construct's main resource in AWS: the app and the construct's path, at most `max` characters.
///
/// The whole path is in it, so that two constructs of one id in two stacks of
/// an account do not meet. It begins with a letter, as databases and caches want it.
pub(super) fn physical_name(scope: &impl Construct, max: usize) -> String {
    let scope = scope.scope();
    let whole = format!("{}/{}", scope.app_name(), scope.path()).to_ascii_lowercase();
    let start = if whole.starts_with(|c: char| c.is_ascii_alphabetic()) { "" } else { "app-" };
    let words: Vec<&str> = whole.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    name::fit(&format!("{start}{}", words.join("-")), max)
}

/// Returns the log group of a data store: encrypted with its key, kept unless the store itself is deleted.
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

/// Returns the name of a log group that a service delivers to.
///
/// With this beginning, many groups do not fill the account's resource policy.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html>
pub(super) fn delivery_name(scope: &Scope, service: &str) -> String {
    format!("/aws/vendedlogs/{service}/{}", physical_name(scope, 200))
}

/// How a data store keeps its logs.
#[derive(Clone, Copy)]
pub(super) struct Logs<'a> {
    /// Days after which entries are deleted.
    pub retention_days: u16,
    /// The key of the data store.
    pub key: &'a Key,
    /// What happens to the data store itself.
    pub on_delete: OnDelete,
}
