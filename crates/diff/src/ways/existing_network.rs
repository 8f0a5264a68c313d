//! Paths that depend on a network outside of the files. Its other clients are unknown, so wider rules may open a path.

use std::collections::BTreeSet;

use meshsynth_access::network::{Exposure, exposures};
use meshsynth_facts as facts;
use meshsynth_facts::resources::{Interfaces, Source};
use meshsynth_reach::network::interface;
use meshsynth_reach::world::{ResourceId, values};
use meshsynth_reach::{Layer, Verdict, World};
use serde_json::Value;

use super::comparison::Comparison;
use super::ends::{Ends, Key, Renames};
use super::way::{Decider, Place, Way};
use crate::change::Access;

/// Returns the reason why the network of a resource is not known, or `None` if the files contain its VPC and subnets.
pub fn unknown_network(world: &World, id: ResourceId) -> Option<String> {
    let interface = interface(world, id)?;
    if interface.subnets.is_empty() || !interface.unknown.is_empty() || interface.has_open_subnets {
        let why = || format!("the subnets of {} are not in the files", world.resource(id).title());
        return Some(if interface.unknown.is_empty() { why() } else { interface.unknown });
    }
    let vpc = |subnet: &ResourceId| world.named_by(world.resource(*subnet).property("VpcId"));
    let subnet = interface.subnets.iter().find(|subnet| vpc(subnet).is_none())?;
    Some(format!("the VPC of {} is not in the files", world.resource(*subnet).title()))
}

/// Whether a resource of an unknown network has a public address, or the subnets decide it.
pub fn may_be_public(world: &World, id: ResourceId) -> bool {
    let resource = world.resource(id);
    let found = exposures(&resource.type_name, &resource.properties, false);
    found.iter().any(|(exposure, _)| matches!(exposure, Exposure::PublicAddress | Exposure::InternetFacing))
}

/// Returns the path that a wider statement may open to members in unknown networks. Returns `None` if the files contain
/// the networks of all members.
pub fn opened(world: &World, row: &Access, members: &[(ResourceId, &Key, &Ends)]) -> Option<Way> {
    let reasons = members.iter().filter_map(|it| Some((it, unknown_network(world, it.0)?)));
    let open: Vec<(&(ResourceId, &Key, &Ends), String)> = reasons.collect();
    let (_, why) = open.first()?;
    let public = row.stranger && open.iter().any(|((id, ..), _)| may_be_public(world, *id));
    let place = |((_, key, ends), _): &(&(ResourceId, &Key, &Ends), String)| {
        let name = ends.say_target(world, key);
        Place { name: name.clone(), construct: name }
    };
    let to: BTreeSet<Place> = open.iter().map(place).collect();
    let from = if public { "internet".to_owned() } else { row.who.clone() };
    Some(undecided(&from, to.into_iter().collect(), public, &row.at, Layer::Route, why.clone(), vec![row.text.clone()]))
}

/// Returns the paths of unchanged resources that move to other subnets or security groups outside of the files. Both
/// answers are unknown, so the new one may be wider.
pub fn moved(comparison: &Comparison<'_>, renames: &Renames) -> Vec<Way> {
    let [old, new] = comparison.engines.each_ref().map(|engine| engine.world());
    let counterpart = |id: &ResourceId| {
        let key = comparison.ends[1].of_resource(*id)?;
        let is_it = |at: &ResourceId| {
            let resource = old.resource(*at);
            let plain = Key::Resource(resource.stack_id.clone(), resource.logical.clone());
            renames.get(&plain).unwrap_or(&plain) == key
        };
        comparison.affected.resources[0].iter().copied().find(is_it)
    };
    let way = |id: &ResourceId| {
        let before = counterpart(id)?;
        let (layer, what, external) = changed_network((old, before), (new, *id))?;
        let resource = new.resource(*id);
        let key = comparison.ends[1].of_resource(*id).filter(|key| comparison.ends[1].targets.contains_key(key))?;
        let name = comparison.ends[1].say_target(new, key);
        let public = may_be_public(new, *id);
        let why = format!("{} now has {what} `{external}`, which is not in the files", resource.title());
        let from = if public { "internet" } else { "other clients of the existing network" };
        let to = vec![Place { name: name.clone(), construct: name.clone() }];
        let way = undecided(from, to, public, &name, layer, why, Vec::new());
        Some(Way { before: Verdict::Unknown, ..way })
    };
    comparison.affected.resources[1].iter().filter_map(way).collect()
}

/// Returns the layer, its name and the external id that a resource did not have before.
fn changed_network(
    (old, before): (&World, ResourceId),
    (new, after): (&World, ResourceId),
) -> Option<(Layer, &'static str, String)> {
    let type_name = &new.resource(after).type_name;
    let Interfaces::Own { subnets, groups, mappings, .. } = facts::resource(type_name).interfaces? else { return None };
    let subnets = match subnets {
        Source::Path(path) => path,
        Source::Group(by) => by,
    };
    let rows = [
        (Layer::Route, "the subnet or subnet group", subnets),
        (Layer::Route, "the subnet", mappings),
        (Layer::SecurityGroup, "the security group", groups),
    ];
    rows.into_iter().filter(|(.., path)| !path.is_empty()).find_map(|(layer, what, path)| {
        let [known, now] = [(old, before), (new, after)].map(|(world, id)| external(world, id, path));
        now.into_iter().find(|id| !known.contains(id)).map(|id| (layer, what, id))
    })
}

/// Returns the ids at a path that no resource of the files has.
fn external(world: &World, id: ResourceId, path: &str) -> BTreeSet<String> {
    let found = values(&world.resource(id).properties, path).into_iter();
    let items = found.flat_map(|it| match it {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    });
    items.filter(|it| world.named_by(it).is_none()).filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

/// Creates a path that may open, but cannot be decided.
pub fn undecided(
    from: &str,
    to: Vec<Place>,
    public: bool,
    at: &str,
    layer: Layer,
    why: String,
    said: Vec<String>,
) -> Way {
    let decider = Decider {
        layer: layer.words(),
        verdict: Verdict::Unknown.word(),
        what: at.to_owned(),
        field: String::new(),
        source: String::new(),
        construct: at.to_owned(),
        why,
    };
    Way {
        opens: true,
        public,
        fresh: false,
        from: vec![Place { name: from.to_owned(), construct: from.to_owned() }],
        pairs: (0..to.len()).map(|at| (0, at)).collect(),
        to,
        verbs: Vec::new(),
        before: Verdict::Denied,
        after: Verdict::Unknown,
        by: vec![decider],
        was: Vec::new(),
        follows: None,
        said,
        with: None,
    }
}
