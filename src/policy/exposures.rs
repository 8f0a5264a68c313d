//! The exposure of a platform to the internet. The crate `meshsynth-access` evaluates it, as it does for `diff`.

use meshsynth_access::compare;
use meshsynth_access::kubernetes::{Traffic, load_balancer};
use meshsynth_access::network::{self, SecurityGroup, is_security_group_rule};
use meshsynth_access::sets::Region;
use serde_json::{Map, Value, json};

use crate::node::Object;
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Bag, Data, Deferred, Part};

/// A kind of exposure to the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Exposure {
    /// A resource with a public address.
    PublicAddress,
    /// An internet-facing load balancer.
    InternetFacing,
    /// A cluster whose API server is reachable from the internet.
    ApiServer,
    /// A resource that accepts requests without a login.
    NoLogin,
    /// Public read or list access to a bucket, or settings that do not block public access.
    PublicAccess,
    /// A subnet that assigns public addresses at launch.
    PublicAddressOnLaunch,
    /// A security group that allows traffic from the internet.
    OpenPort,
}

/// Returns all exposures of resources and objects.
pub(super) fn rows(model: &Model) -> Vec<(NodeId, Exposure)> {
    let mut found = Vec::new();
    for (id, _, resource) in model.resources() {
        let is_group = resource.type_name == "AWS::EC2::SecurityGroup";
        let is_rule = is_security_group_rule(&resource.type_name) == Some(Traffic::Ingress);
        if !is_group && !is_rule && !network::can_be_exposed(&resource.type_name) {
            continue;
        }
        let properties = properties(model, &resource.props);
        for (exposure, region) in network::exposures(&resource.type_name, &properties, true) {
            if is_public(&region, |extent| exposure.is_public(extent))
                && let Some(exposure) = word(exposure)
            {
                found.push((id, exposure));
            }
        }
        let mut group = if is_group { SecurityGroup::of(&properties) } else { SecurityGroup::default() };
        if is_rule {
            group.add(Traffic::Ingress, properties);
        }
        if (is_group || is_rule) && is_public(&group.admits(Traffic::Ingress), |extent| extent.is_public) {
            found.push((id, Exposure::OpenPort));
        }
    }
    for kind in ["Service", "Ingress", "Gateway"] {
        for (id, object) in model.of_kind(kind) {
            if is_public(&load_balancer(&document(model, object)), |extent| extent.is_public) {
                found.push((id, Exposure::InternetFacing));
            }
        }
    }
    found
}

fn is_public(region: &Region, is_public: impl Fn(&meshsynth_access::sets::Extent) -> bool) -> bool {
    compare(&Region::none(), region).iter().any(|change| is_public(&change.extent))
}

/// Converts an exposure. Returns `None` if the exposure allows access only in combination with other settings.
fn word(exposure: network::Exposure) -> Option<Exposure> {
    Some(match exposure {
        network::Exposure::PublicAddress => Exposure::PublicAddress,
        network::Exposure::InternetFacing => Exposure::InternetFacing,
        network::Exposure::ApiServer => Exposure::ApiServer,
        network::Exposure::NoLogin => Exposure::NoLogin,
        network::Exposure::PublicAccessNotBlocked | network::Exposure::PublicAccessList => Exposure::PublicAccess,
        network::Exposure::PublicAddressOnLaunch => Exposure::PublicAddressOnLaunch,
        network::Exposure::InternetRoute | network::Exposure::NotFiltered | network::Exposure::RuleNotApplied => {
            return None;
        }
    })
}

fn document(model: &Model, object: &Object) -> Value {
    let mut document = properties(model, &object.body);
    document["apiVersion"] = object.api_version.as_ref().into();
    document["kind"] = object.kind.as_ref().into();
    document
}

fn properties(model: &Model, bag: &Bag) -> Value {
    bag.iter().map(|(key, data)| (key.to_owned(), value(model, data))).collect::<Map<_, _>>().into()
}

/// Returns a value as JSON. A reference is written as the path of its target.
fn value(model: &Model, data: &Data) -> Value {
    match data {
        Data::Null | Data::Secret(_) => Value::Null,
        Data::Bool(value) => json!(value),
        Data::Int(value) => json!(value),
        Data::Float(value) => json!(value),
        Data::Text(text) => json!(text),
        Data::List(items) => items.iter().map(|item| value(model, item)).collect(),
        Data::Map(bag) => properties(model, bag),
        Data::Deferred(deferred) => json!(reference(model, deferred)),
    }
}

fn reference(model: &Model, deferred: &Deferred) -> String {
    match deferred {
        Deferred::Attr(attr) => format!("${{{}.{}}}", model.path(attr.node), attr.name),
        Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => reference(model, of),
        Deferred::Verbatim(tree) => value(model, &Data::from(&**tree)).to_string(),
        Deferred::Text(parts) | Deferred::Doc(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.to_string(),
                Part::Value(value) => reference(model, value),
            })
            .collect(),
    }
}
