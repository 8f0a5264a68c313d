//! Deletions that AWS rejects because deletion protection is enabled.

use crate::effect::Verdict;

use crate::change::{Change, Hazard, Section};
use crate::guard::{self, Guarded};
use crate::side::Side;

/// Reports deleted and replaced resources with deletion protection on the old side.
pub fn find(base: &Side, changes: &[Change], hazards: &mut Vec<Hazard>) {
    for change in changes {
        let Section::Stack(stack) = &change.section else { continue };
        let is_replaced = matches!(change.verdict, Verdict::Replace) || change.data.iter().any(|it| it.starts_empty());
        if !(change.gone || is_replaced) || change.was.is_some() {
            continue;
        }
        let Some(stack) = base.stack(stack) else { continue };
        let resource = &base.template(stack)["Resources"][&change.id];
        let policy = if change.gone { "DeletionPolicy" } else { "UpdateReplacePolicy" };
        if resource[policy].as_str().is_some_and(|it| it.starts_with("Retain")) {
            continue;
        }
        let name = &change.name;
        let text = match guard::of(resource["Type"].as_str().unwrap_or_default(), &resource["Properties"]) {
            Guarded::By(property) => format!("AWS rejects the deletion of `{name}`, because `{property}` is enabled"),
            Guarded::Perhaps(property) => {
                format!("AWS rejects the deletion of `{name}` if `{property}` is enabled, which a parameter decides")
            }
            Guarded::No => continue,
        };
        let help = format!("disable the protection in an earlier deployment, or set `{policy}: Retain`");
        hazards.push(Hazard { text, help });
    }
}
