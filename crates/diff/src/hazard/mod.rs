//! Causes that stop a deployment or require two steps.

mod guarded;
pub mod order;
mod quota;
mod refused;
mod versions;

use std::collections::BTreeMap;

use meshsynth_assembly::Stack;
use serde_json::Value;

use self::refused::Both;
use crate::change::{Change, Hazard, Section};
use crate::effect::Verdict;
use crate::fate::Fate;
use crate::propagation::{Reference, references};
use crate::resource::physical_name;
use crate::side::{Pair, Side, construct, is_same_place, is_same_stack};
use crate::tree::intrinsic::Scope;

/// Returns all hazards of a deployment from one side to the other.
pub fn find(pair: &Pair, changes: &[Change]) -> Vec<Hazard> {
    let Pair { base, head, .. } = pair;
    let mut hazards = Vec::new();
    stacks(base, head, &mut hazards);
    exports(pair, changes, &mut hazards);
    for (stack, id, before) in pair.resources(base) {
        let Some(new) = head.stack(&stack.id).filter(|new| is_same_stack(stack, new)) else { continue };
        let after = &head.template(new)["Resources"][id];
        if !after.is_null() && before["Type"] != after["Type"] {
            let name = construct(new, id);
            hazards.push(Hazard {
                text: format!(
                    "`{name}` changes its type but keeps the logical id `{id}`, which CloudFormation \
                     rejects"
                ),
                help: "give the new resource a different logical id; in a program, change its construct id".to_owned(),
            });
        }
    }
    // A replaced resource is not updated, so update refusals do not apply.
    let is_replaced = |stack: &str, id: &str| {
        changes.iter().any(|it| it.id == id && it.section == Section::Stack(stack.to_owned()) && starts_anew(it))
    };
    refusals(pair, is_replaced, &mut hazards);
    for change in changes {
        named(base, head, change, &mut hazards);
    }
    moves(changes, &mut hazards);
    order::subnets(pair, changes, &mut hazards);
    order::kinds(pair, changes, &mut hazards);
    guarded::find(base, changes, &mut hazards);
    quota::find(pair, changes, &mut hazards);
    releases(changes, &mut hazards);
    hazards.sort();
    hazards.dedup();
    hazards
}

fn starts_anew(change: &Change) -> bool {
    let is_empty = change.data.iter().any(Fate::starts_empty);
    change.verdict == Verdict::Replace || (change.verdict == Verdict::DataLoss && is_empty)
}

/// Reports replaced resources with a fixed name. CloudFormation creates the new one first, so the names collide.
fn named(base: &Side, head: &Side, change: &Change, hazards: &mut Vec<Hazard>) {
    let Section::Stack(stack) = &change.section else { return };
    if !starts_anew(change) {
        return;
    }
    let properties = |side: &'_ Side| -> Option<Value> {
        Some(side.template(side.stack(stack)?)["Resources"][&change.id]["Properties"].clone())
    };
    let (Some(before), Some(after)) = (properties(base), properties(head)) else { return };
    if let (Some(a), Some(b)) = (physical_name(&change.kind, &before), physical_name(&change.kind, &after))
        && a == b
    {
        hazards.push(Hazard {
            text: format!("`{}` is replaced and keeps its name `{a}`, so the new one cannot be created", change.name),
            help: "rename it in this change, or remove the name so that AWS generates one".to_owned(),
        });
    }
}

fn stacks(base: &Side, head: &Side, hazards: &mut Vec<Hazard>) {
    for old in &base.manifest.stacks {
        match head.stack(&old.id) {
            None => hazards.push(Hazard {
                text: format!("stack `{}` (`{}`) is no longer in the platform", old.id, old.name),
                help: "when no other stack imports from it, delete it, for example with `meshsynth destroy \
                     --orphans`; retained resources remain in AWS"
                    .to_owned(),
            }),
            Some(new) if !is_same_stack(old, new) => hazards.push(Hazard {
                text: format!(
                    "stack `{}` moves from {} to {}: all its resources are created again",
                    old.id,
                    place(old),
                    place(new)
                ),
                help: match (&old.region, &old.account) == (&new.region, &new.account) {
                    true => {
                        "keep its name; or, if the stack has no other change, move it with `meshsynth deploy \
                         --refactor`"
                    }
                    false => "keep its name, region and account, or plan the move of its data",
                }
                .to_owned(),
            }),
            Some(_) => {}
        }
    }
}

fn place(stack: &Stack) -> String {
    let account = stack.account.as_ref().map(|account| format!(" in {account}")).unwrap_or_default();
    format!("`{}` ({}{account})", stack.name, stack.region)
}

/// Reports exports that are removed or get a new value while a stack of the base imports them.
fn exports(pair: &Pair, changes: &[Change], hazards: &mut Vec<Hazard>) {
    let Pair { base, head, .. } = pair;
    let touched = |stack: &&Stack| changes.iter().any(|change| change.section == Section::Stack(stack.id.clone()));
    let is_changed = |stack: &&Stack| touched(stack) || pair.stacks(base).any(|other| other.id == stack.id);
    for stack in base.manifest.stacks.iter().filter(is_changed) {
        let new = head.stack(&stack.id).filter(|new| is_same_stack(stack, new));
        let kept: BTreeMap<&str, &Value> = new.into_iter().flat_map(|new| exports_of(head, new)).collect();
        for (export, old) in exports_of(base, stack) {
            let value = kept.get(export);
            let moved = value.and_then(|value| replaced(changes, stack, value));
            if value.is_some_and(|value| moved.is_none() && *value == old) {
                continue;
            }
            // Few exports reach this point, so searching every template is acceptable.
            let is_user = |user: &&Stack| {
                is_same_place(user, stack)
                    && base.text(&user.template).contains(export)
                    && references(base.template(user)).contains(&Reference::Export(export.to_owned()))
            };
            let users: Vec<String> =
                base.manifest.stacks.iter().filter(is_user).map(|user| format!("`{}`", user.id)).collect();
            if users.is_empty() {
                continue;
            }
            let imports = if users.len() == 1 { "imports" } else { "import" };
            let users = users.join(", ");
            let Some(_) = value else {
                hazards.push(Hazard {
                    text: format!(
                        "export `{export}` of stack `{}` is removed, but {users} still {imports} it",
                        stack.id
                    ),
                    help: "use two deployments: first deploy the importing stacks without the import, then remove the \
                         export"
                        .to_owned(),
                });
                continue;
            };
            let why = moved.map(|change| format!(" (`{}` is replaced)", change.name)).unwrap_or_default();
            hazards.push(Hazard {
                text: format!(
                    "export `{export}` of stack `{}` gets a new value{why}, but {users} {imports} it",
                    stack.id
                ),
                help: "CloudFormation rejects this: export the new value under another name, change the importing \
                       stacks, then remove the old export; or use a weak reference"
                    .to_owned(),
            });
        }
    }
}

/// Returns the exports of a stack with their values.
fn exports_of<'a>(side: &'a Side, stack: &'a Stack) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let outputs = side.template(stack)["Outputs"].as_object().into_iter().flatten();
    outputs.filter_map(|(_, output)| Some((output["Export"]["Name"].as_str()?, &output["Value"])))
}

/// Returns the replaced resource that a value refers to.
fn replaced<'a>(changes: &'a [Change], stack: &Stack, value: &Value) -> Option<&'a Change> {
    let is_replaced = |change: &&Change| {
        matches!(change.verdict, Verdict::Replace | Verdict::DataLoss)
            && !change.id.is_empty()
            && (change.data.is_empty() || change.data.iter().any(Fate::starts_empty))
            && change.section == Section::Stack(stack.id.clone())
            && references(value).contains(&Reference::Local(change.id.clone()))
    };
    changes.iter().find(is_replaced)
}

/// Reports stacks that are split or merged.
fn moves(changes: &[Change], hazards: &mut Vec<Hazard>) {
    let mut rows: std::collections::BTreeMap<(&str, &str), usize> = std::collections::BTreeMap::new();
    for was in changes.iter().filter_map(|change| change.was.as_ref()).filter(|was| was.from.0 != was.to.0) {
        *rows.entry((&was.from.0, &was.to.0)).or_default() += 1;
    }
    for ((from, to), n) in rows {
        let things = meshsynth_model::words::count(n, "resource");
        hazards.push(Hazard {
            text: format!(
                "{things} of stack `{from}` are now in stack `{to}`: a deployment creates new ones instead of moving \
                 them"
            ),
            help: "move them with a stack refactor: `meshsynth deploy --refactor`; for other tools, `--refactor FILE` \
                 writes the mapping"
                .to_owned(),
        });
    }
}

/// Reports charts that skip or lower versions.
///
/// Source: <https://istio.io/latest/docs/setup/upgrade/canary/>.
fn releases(changes: &[Change], hazards: &mut Vec<Hazard>) {
    for change in changes.iter().filter(|change| change.kind == "release" && change.verdict == Verdict::Upgrade) {
        let version = |value: &Option<Value>| -> Option<(u32, u32)> {
            let text = value.as_ref()?.as_str()?.trim_start_matches('v').to_owned();
            let mut parts = text.split('.').map(str::parse::<u32>);
            Some((parts.next()?.ok()?, parts.next()?.ok()?))
        };
        let Some(edit) = change.edits.iter().find(|edit| edit.path == "version") else { continue };
        let (Some(old), Some(new)) = (version(&edit.before), version(&edit.after)) else { continue };
        let is_istio = ["base", "istiod", "cni", "ztunnel", "gateway", "istio-base", "istio-cni"]
            .iter()
            .any(|name| change.id.rsplit('/').next() == Some(name));
        if new < old {
            hazards.push(Hazard {
                text: format!(
                    "release `{}` is downgraded from {}.{} to {}.{}",
                    change.name, old.0, old.1, new.0, new.1
                ),
                help: "charts support only upgrades: keep the version, or restore the objects from a backup".to_owned(),
            });
        } else if is_istio && new.0 == old.0 && new.1 > old.1 + 2 {
            hazards.push(Hazard {
                text: format!(
                    "release `{}` is upgraded from Istio {}.{} to {}.{}",
                    change.name, old.0, old.1, new.0, new.1
                ),
                help: format!(
                    "Istio supports upgrades by at most two minor versions: deploy {}.{} first",
                    old.0,
                    old.1 + 2
                ),
            });
        }
    }
}

/// Reports refused updates of resources that exist on both sides and are not replaced.
fn refusals(pair: &Pair, is_replaced: impl Fn(&str, &str) -> bool, hazards: &mut Vec<Hazard>) {
    let Pair { base, head, .. } = pair;
    for (stack, id, before) in pair.resources(base) {
        let Some(new) = head.stack(&stack.id).filter(|new| is_same_stack(stack, new)) else { continue };
        let after = &head.template(new)["Resources"][id];
        if after["Type"] != before["Type"] || is_replaced(&stack.id, id) {
            continue;
        }
        let it = Both {
            name: construct(new, id),
            type_name: before["Type"].as_str().unwrap_or_default(),
            before: &before["Properties"],
            after: &after["Properties"],
            base: Scope { side: base, stack },
            head: Scope { side: head, stack: new },
        };
        refused::find(&it, hazards);
        versions::find(&it, hazards);
    }
}
