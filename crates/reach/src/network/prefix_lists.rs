//! Prefix lists: named sets of address blocks.

use serde_json::Value;

use super::address::spans;
use crate::world::World;

/// Returns the blocks of a prefix list, or `None` if the list belongs to AWS or is not in the
/// files.
pub(super) fn blocks(world: &World, value: &Value) -> Option<Vec<(u128, u128)>> {
    let list = world.resource(world.named_by(value)?);
    if list.type_name != "AWS::EC2::PrefixList" {
        return None;
    }
    let entries = list.property("Entries").as_array()?;
    entries.iter().map(|entry| spans(entry["Cidr"].as_str()?)).collect::<Option<Vec<_>>>().map(|all| all.concat())
}
