//! ARNs and names of resources, as far as templates specify them.
//!
//! A reference is replaced by its future value. If the template specifies the name, `${data/Orders.Arn}` becomes
//! `arn:aws:sqs:eu-west-1:${?AWS::AccountId}:orders`. If AWS generates the name, the ARN ends in `${=data/Orders}`.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.

use meshsynth_facts::{self as facts, resources::Arn};
use serde_json::{Map, Value};

use crate::world::{Reference, Resource, ResourceId, World, partition};

fn form_of(resource: &Resource) -> Option<&'static Arn> {
    facts::resource(&resource.type_name).arn.as_ref()
}

/// Returns whether [`of`] has an ARN for a resource.
pub fn is_known(world: &World, id: ResourceId) -> bool {
    form_of(world.resource(id)).is_some()
}

/// Returns the account of a resource.
pub fn account(world: &World, id: ResourceId) -> String {
    let account = &world.place(id).account;
    if account.is_empty() { "${?AWS::AccountId}".to_owned() } else { account.clone() }
}

/// Returns the start of a service's ARNs at a resource's location, such as `arn:aws:sqs:eu-west-1:111122223333:`.
pub fn prefix(world: &World, id: ResourceId, service: &str) -> String {
    let place = world.place(id);
    let region = if place.region.is_empty() { "${?AWS::Region}" } else { &place.region };
    let partition = partition(region);
    let (region, account) = match service {
        "s3" => ("", String::new()),
        "cloudfront" | "iam" => ("", account(world, id)),
        _ => (region, account(world, id)),
    };
    format!("arn:{partition}:{service}:{region}:{account}:")
}

/// Returns the ARN of a resource, or `None` if its type is unknown.
pub fn of(world: &World, id: ResourceId) -> Option<String> {
    let resource = world.resource(id);
    let form = form_of(resource)?;
    let made = |part: &str| format!("${{={}{part}}}", resource.name());
    let mut name = name(world, id).unwrap_or_else(|| made(""));
    if form.service == "ssm" {
        name = name.trim_start_matches('/').to_owned();
    }
    // In IAM ARNs, the path precedes the name.
    let path = match resource.property("Path").as_str() {
        _ if form.service != "iam" || form.name == "Url" => "",
        Some(path) => path,
        None => "/",
    };
    let after = form.after.replace("{}", &made(".Id"));
    Some(format!("{}{}{path}{name}{after}", prefix(world, id, form.service), form.before))
}

/// Returns the name that a template specifies for a resource.
pub fn name(world: &World, id: ResourceId) -> Option<String> {
    let resource = world.resource(id);
    let form = form_of(resource).filter(|it| !it.name.is_empty())?;
    let name = text(world, resource.property(form.name).as_str()?);
    Some(name.trim_start_matches("https://").to_owned())
}

/// Replaces the references in a text by their future values.
pub fn text(world: &World, text: &str) -> String {
    // Searching for a character is faster than searching for a text.
    if !text.contains('$') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split("${");
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (inner, rest) = piece.split_once('}').unwrap_or((piece, ""));
        let whole = format!("${{{inner}}}");
        let returned = Reference::parse(&whole).and_then(|reference| returned(world, &reference));
        out.push_str(&returned.unwrap_or(whole));
        out.push_str(rest);
    }
    out
}

/// Replaces the references in all texts and keys of a value by their future values.
pub fn value(world: &World, of: &Value) -> Value {
    match of {
        Value::String(it) => text(world, it).into(),
        Value::Array(items) => items.iter().map(|it| value(world, it)).collect(),
        Value::Object(map) => {
            let rows = map.iter().map(|(key, it)| (text(world, key), value(world, it)));
            Value::Object(rows.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// Returns the future value of a reference, or `None` if it does not refer to the platform.
fn returned(world: &World, reference: &Reference) -> Option<String> {
    let id = world.referred(reference)?;
    let resource = world.resource(id);
    // `Arn|:cluster/|1`: a piece of an attribute.
    let mut parts = reference.attribute.split('|');
    let attribute = parts.next().unwrap_or_default();
    let whole = attribute_of(world, id, attribute).unwrap_or_else(|| format!("${{={}.{attribute}}}", resource.name()));
    let (Some(mark), Some(index)) = (parts.next(), parts.next()) else { return Some(whole) };
    let mark = mark.replace("%2F", "/");
    let piece = index.parse().ok().and_then(|index: usize| whole.split(&mark).nth(index));
    Some(piece.map_or_else(|| format!("${{={}.{}}}", resource.name(), reference.attribute), str::to_owned))
}

fn attribute_of(world: &World, id: ResourceId, attribute: &str) -> Option<String> {
    let resource = world.resource(id);
    let form = form_of(resource);
    match (attribute, form) {
        ("" | "TopicArn" | "Id", Some(form)) if form.is_ref => of(world, id),
        ("", None) => Some(format!("${{={}}}", resource.name())),
        ("VpcId", None) if resource.type_name == "AWS::EC2::VPC" => Some(format!("${{={}}}", resource.name())),
        ("Id", None)
            if matches!(resource.type_name.as_str(), "AWS::CloudFront::Distribution" | "AWS::EC2::VPCEndpoint") =>
        {
            Some(format!("${{={}}}", resource.name()))
        }
        ("", Some(form)) if form.name.is_empty() => Some(format!("${{={}}}", resource.name())),
        // The URL of a queue.
        ("", Some(form)) if form.service == "sqs" => None,
        ("", Some(_)) => Some(name(world, id).unwrap_or_else(|| format!("${{={}}}", resource.name()))),
        ("Arn" | "DBInstanceArn" | "DBClusterArn" | "TopicArn" | "ARN" | "DomainArn", Some(_)) => of(world, id),
        ("MasterUserSecret.SecretArn", _) => Some(master_secret(world, id)),
        ("OpenIdConnectIssuerUrl", _) => Some(format!("https://${{={}.Issuer}}", resource.name())),
        ("QueueName" | "TopicName" | "KeyId" | "RoleName", Some(_)) => {
            Some(name(world, id).unwrap_or_else(|| format!("${{={}}}", resource.name())))
        }
        _ => None,
    }
}

/// Returns the ARN of the secret that RDS creates for the master user of a database.
pub fn master_secret(world: &World, id: ResourceId) -> String {
    let made = format!("rds!${{={}.MasterUserSecret}}", world.resource(id).name());
    format!("{}secret:{made}", prefix(world, id, "secretsmanager"))
}
