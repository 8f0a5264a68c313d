//! Required orders: kinds before their objects, and network interfaces removed before their subnet.

use meshsynth_facts as facts;
use serde_json::Value;

use crate::change::{Change, Hazard, Section};
use crate::effect::Verdict;
use crate::propagation::{Reference, references};
use crate::side::{Pair, Side, construct, is_same_place};

/// Whether resources of a type, or the users of such a subnet group, keep network interfaces in a subnet.
fn has_interfaces(type_name: &str) -> bool {
    let facts = facts::resource(type_name);
    facts.fixed_vpc.is_some() || facts.interfaces.is_some()
}

/// Reports deleted subnets that remaining resources still use.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html>.
pub fn subnets(pair: &Pair, changes: &[Change], hazards: &mut Vec<Hazard>) {
    let Pair { base, head, .. } = pair;
    let goes = [Verdict::Delete, Verdict::Replace, Verdict::DataLoss];
    for subnet in changes.iter().filter(|it| it.kind == "AWS::EC2::Subnet" && goes.contains(&it.verdict)) {
        let Section::Stack(stack) = &subnet.section else { continue };
        let Some(stack) = base.stack(stack) else { continue };
        let outputs = base.template(stack)["Outputs"].as_object();
        let is_it = |value: &Value| references(value).contains(&Reference::Local(subnet.id.clone()));
        let named: Vec<(&String, &Value)> =
            outputs.into_iter().flatten().filter(|(_, output)| is_it(&output["Value"])).collect();
        for user in &base.manifest.stacks {
            let wanted = |target: &Reference| match target {
                Reference::Local(id) => user.id == stack.id && *id == subnet.id,
                Reference::Export(name) => {
                    is_same_place(user, stack) && named.iter().any(|(_, output)| output["Export"]["Name"] == *name)
                }
                output => named.iter().any(|(name, _)| output.is_output(base, user, stack, name)),
            };
            for (_, id, resource) in base.resources_of(user) {
                let type_name = resource["Type"].as_str().unwrap_or_default();
                let stays = || head.stack(&user.id).is_some_and(|it| !head.template(it)["Resources"][id].is_null());
                if has_interfaces(type_name) && references(&resource["Properties"]).iter().any(wanted) && stays() {
                    hazards.push(Hazard {
                        text: format!(
                            "subnet `{}` is deleted, but `{}` has network interfaces in it: the deletion fails until \
                             they are removed",
                            subnet.name,
                            construct(user, id)
                        ),
                        help: "move it to the other subnets in a separate deployment, then remove the subnet"
                            .to_owned(),
                    });
                }
            }
        }
    }
}

/// Reports kinds that are created too late for their objects, or deleted before them.
pub fn kinds(pair: &Pair, changes: &[Change], hazards: &mut Vec<Hazard>) {
    let is_kind = |change: &&Change| change.kind == "CustomResourceDefinition";
    for kind in changes.iter().filter(is_kind) {
        let Section::Namespace(cluster, _) = &kind.section else { continue };
        let goes = matches!(kind.verdict, Verdict::Prune | Verdict::DataLoss);
        let side = if goes { pair.base } else { pair.head };
        let Some((own, path)) = find(side, cluster, &kind.name) else { continue };
        let (group, name) = (own["spec"]["group"].as_str().unwrap_or_default(), &own["spec"]["names"]["kind"]);
        let is_of = |document: &Value| {
            document["kind"] == *name
                && document["apiVersion"].as_str().and_then(|api| api.split_once('/')).is_some_and(|it| it.0 == group)
        };
        let word = name.as_str().unwrap_or_default();
        let objects = pair.head.manifest.clusters.iter().filter(|it| it.id == *cluster).flat_map(|it| &it.objects);
        let objects = objects.filter(|object| pair.head.text(&object.path).contains(word));
        for object in objects.filter(|object| is_of(pair.head.document(&object.path))) {
            let called = pair.head.document(&object.path)["metadata"]["name"].as_str().unwrap_or_default();
            if goes {
                hazards.push(Hazard {
                    text: format!("kind `{word}` of `{cluster}` is deleted, but its object `{called}` is kept"),
                    help: "remove the objects first: deleting a kind deletes all its objects".to_owned(),
                });
            } else if kind.verdict == Verdict::Create && wave(&object.path) <= wave(path) {
                hazards.push(Hazard {
                    text: format!("`{word}` `{called}` of `{cluster}` is applied before its kind or in the same wave"),
                    help: "move the CustomResourceDefinition to an earlier wave".to_owned(),
                });
            }
        }
    }
}

fn find<'a>(side: &'a Side, cluster: &str, name: &str) -> Option<(&'a Value, &'a str)> {
    let cluster = side.manifest.clusters.iter().find(|it| it.id == cluster)?;
    let mut objects = cluster.objects.iter().filter(|object| side.text(&object.path).contains(name));
    objects.find_map(|object| {
        let document = side.document(&object.path);
        let is_it = document["kind"] == "CustomResourceDefinition" && document["metadata"]["name"] == name;
        is_it.then_some((document, object.path.as_str()))
    })
}

/// Returns `40-workloads` for `k8s/main/40-workloads/…`.
pub fn wave(path: &str) -> &str {
    path.split('/').nth(2).unwrap_or_default()
}
