//! Resources that become part of the construct that they refer to, such as a bucket policy or a key alias.

mod network;
mod services;

use meshsynth_model::val::{Bag, Data};

use super::bare::cidr;
use super::network as facts;
use super::resource::{ConstructCode, ResourceInput};
use crate::code::{Named, Writer, attribute, function};
use crate::tree::Expr;

/// The method of a construct that defines resources of a type.
struct MethodRow {
    /// The type of the resource.
    type_name: &'static str,
    /// The relation to the construct.
    of: Of,
    /// The path of the construct.
    construct: &'static str,
    /// The full path of the method.
    method: &'static str,
    /// The fixed ID of the resource below the construct, or `None` if it keeps its own ID.
    id: Option<&'static str>,
    /// The arguments of the method after the ID.
    takes: Takes,
}

/// The relation between a resource and its construct.
enum Of {
    /// A property refers to the construct.
    Property {
        /// The property.
        key: &'static str,
        /// Whether the property is a list with exactly one reference.
        is_listed: bool,
        /// The kind of reference: `Ref`, or an attribute.
        by: &'static [&'static str],
    },
    /// A property has the same value as the name of exactly one resource of a type.
    SameName {
        /// The property.
        key: &'static str,
        /// The type of the other resource.
        of: &'static str,
        /// The property with its name.
        name: &'static str,
    },
    /// The network or load balancer of the resources that refer to it, or to which it refers.
    Owner,
}

/// The arguments of a method.
enum Takes {
    /// The values of these properties, which must be exactly the properties of the resource.
    Values(&'static [&'static str]),
    /// The policy document in this property, which must be the only property.
    Document(&'static str),
    /// The value of a property, and the policy document in another one.
    Named(&'static str, &'static str),
    /// The typed resource, without the reference to the construct if it uses this attribute.
    Resource(&'static str),
    /// The tier and the CIDR block of a subnet, and the typed resource.
    Subnet,
    /// The tier of a route table, and the typed resource.
    RouteTable,
}

impl MethodRow {
    /// A resource with a reference to the construct, which the method accepts unchanged.
    const fn whole(
        type_name: &'static str,
        key: &'static str,
        by: &'static [&'static str],
        construct: &'static str,
        method: &'static str,
    ) -> Self {
        let of = Of::Property { key, is_listed: false, by };
        Self { type_name, of, construct, method, id: None, takes: Takes::Resource("") }
    }

    /// A resource with a list of exactly one reference, which the method accepts unchanged.
    const fn whole_of_listed(
        type_name: &'static str,
        key: &'static str,
        construct: &'static str,
        method: &'static str,
    ) -> Self {
        let of = Of::Property { key, is_listed: true, by: &["Ref"] };
        Self { type_name, of, construct, method, id: None, takes: Takes::Resource("") }
    }

    /// The policy of a construct that has at most one.
    const fn policy(
        type_name: &'static str,
        key: &'static str,
        is_listed: bool,
        construct: &'static str,
        method: &'static str,
    ) -> Self {
        let of = Of::Property { key, is_listed, by: &["Ref"] };
        Self { type_name, of, construct, method, id: Some("policy"), takes: Takes::Document("PolicyDocument") }
    }

    /// A part of an EKS cluster, like [`MethodRow::of_cluster`], but identified by the cluster name.
    const fn of_named_cluster(type_name: &'static str, method: &'static str) -> Self {
        let of = Of::SameName { key: "ClusterName", of: "AWS::EKS::Cluster", name: "Name" };
        Self { of, ..Self::of_cluster(type_name, method) }
    }

    /// A part of an EKS cluster, which the method accepts unchanged.
    const fn of_cluster(type_name: &'static str, method: &'static str) -> Self {
        Self::whole(type_name, "ClusterName", &["Ref"], "eks::Cluster", method)
    }

    /// A part of a network or load balancer, which its references identify. The method accepts the resource unchanged.
    const fn of_owner(type_name: &'static str, construct: &'static str, method: &'static str) -> Self {
        Self { type_name, of: Of::Owner, construct, method, id: None, takes: Takes::Resource("") }
    }

    /// A part of a network.
    const fn of_network(type_name: &'static str, method: &'static str, takes: Takes) -> Self {
        Self { takes, ..Self::of_owner(type_name, "aws::Vpc", method) }
    }
}

/// The IDs of children that a construct from `bare` defines itself.
const OWN_IDS: [&str; 2] = ["resource", "target"];

/// Returns the possible methods for a resource type, the shortest first.
fn of_type(type_name: &str) -> impl Iterator<Item = &'static MethodRow> {
    services::METHODS.iter().chain(&network::METHODS).filter(move |it| it.type_name == type_name)
}

/// Returns the logical ID of the construct that a resource belongs to without a direct reference.
pub(super) fn unnamed_owner<'a>(template: &'a Data, type_name: &str, id: &'a str) -> Option<&'a str> {
    let props = || template.at("Resources")?.as_map()?.get(id)?.at("Properties")?.as_map();
    of_type(type_name).find_map(|row| match row.of {
        Of::Owner => facts::owner_of(template, id),
        Of::SameName { key, of, name } => facts::named_so(template, of, name, props()?.get(key)?),
        Of::Property { .. } => None,
    })
}

/// Writes a resource as a method call on its construct.
pub(super) fn make(input: &ResourceInput<'_>, writer: &mut Writer<'_>) -> Option<ConstructCode> {
    of_type(input.type_name).find_map(|row| call(row, input, writer))
}

fn call(row: &MethodRow, input: &ResourceInput<'_>, writer: &mut Writer<'_>) -> Option<ConstructCode> {
    let (owner, by) = owner(row, input)?;
    let Some(Named::Construct(variable, construct)) = writer.named.get(&owner) else { return None };
    if construct.path != row.construct {
        return None;
    }
    let variable = variable.clone();
    // A bucket has only one policy.
    let id = row.id.unwrap_or(input.id).to_owned();
    if OWN_IDS.contains(&id.as_str()) || writer.members.contains(&(owner.clone(), id.clone())) {
        return None;
    }
    let path = writer.types.resource(input.type_name)?.path.clone();
    let elsewhere = writer.record(&path, input.props)?.expr.method("define", [Expr::Scope, Expr::text(input.id)]);
    let mut rest = input.props.clone();
    let is_whole = |takes: &Takes| match takes {
        Takes::Resource(known) => by != *known,
        Takes::Subnet | Takes::RouteTable => true,
        _ => false,
    };
    if let Of::Property { key, .. } = row.of
        && !is_whole(&row.takes)
    {
        rest.remove(key);
    }
    let arguments = match row.takes {
        Takes::Values(keys) => {
            let values: Option<Vec<Expr>> = keys.iter().map(|key| value(&mut rest, key, writer)).collect();
            values?
        }
        Takes::Document(key) => vec![document(&mut rest, key, writer)?],
        Takes::Named(name, key) => vec![value(&mut rest, name, writer)?, document(&mut rest, key, writer)?],
        Takes::Resource(_) => vec![writer.record(&path, &std::mem::take(&mut rest))?.expr],
        Takes::Subnet => {
            let block = facts::block(input.template, rest.get("CidrBlock")?)?;
            let tier = facts::tier_of_subnet(input.template, input.logical_id, &rest);
            let resource = writer.record(&path, &std::mem::take(&mut rest))?.expr;
            vec![Expr::Path(tier.into()), cidr(block), resource]
        }
        Takes::RouteTable => {
            let tier = facts::tier_of_table(input.template, input.logical_id);
            vec![Expr::Path(tier.into()), writer.record(&path, &std::mem::take(&mut rest))?.expr]
        }
    };
    if !rest.is_empty() {
        return None;
    }
    writer.members.insert((owner.clone(), id.clone()));
    let id_first = row.id.is_none().then(|| Expr::text(&id));
    let method = row.method.rsplit("::").next().unwrap_or_default();
    let here = Expr::variable(&variable).method(method, id_first.into_iter().chain(arguments));
    let expr = Expr::either(&variable, here, elsewhere);
    Some(ConstructCode { expr, path: row.method, is_construct: false, within: Some((owner, id)) })
}

/// Returns the logical ID of the construct that a resource belongs to, and the kind of the reference.
fn owner(row: &MethodRow, input: &ResourceInput<'_>) -> Option<(String, String)> {
    let unnamed = |owner: &str| (owner.to_owned(), String::new());
    let (key, is_listed, by) = match row.of {
        Of::Property { key, is_listed, by } => (key, is_listed, by),
        Of::SameName { key, of, name } => {
            return facts::named_so(input.template, of, name, input.props.get(key)?).map(unnamed);
        }
        Of::Owner => return facts::owner_of(input.template, input.logical_id).map(unnamed),
    };
    let named = match (is_listed, input.props.get(key)?) {
        (true, Data::List(items)) if items.len() == 1 => &items[0],
        (true, _) => return None,
        (false, one) => one,
    };
    let (id, name) = match function(named)? {
        ("Ref", Data::Text(id)) => (id.to_string(), "Ref".to_owned()),
        ("Fn::GetAtt", argument) => {
            let (id, name) = attribute(argument)?;
            (id.to_owned(), name)
        }
        _ => return None,
    };
    by.contains(&name.as_str()).then_some((id, name))
}

/// Writes text, or a function that produces text.
fn value(props: &mut Bag, key: &str, writer: &mut Writer<'_>) -> Option<Expr> {
    let value = props.remove(key)?;
    let is_text = matches!(value, Data::Text(_)) || function(&value).is_some();
    is_text.then(|| writer.data(&value).expr)
}

/// Writes a policy document as a map.
fn document(props: &mut Bag, key: &str, writer: &mut Writer<'_>) -> Option<Expr> {
    match props.remove(key)? {
        Data::Map(bag) if function(&Data::Map(bag.clone())).is_none() => Some(writer.bag(&bag)),
        _ => None,
    }
}
