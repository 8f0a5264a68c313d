//! Route 53 names, and the CloudFront distributions that use them as origins.

use serde_json::Value;

use crate::world::{Reference, ResourceId, World};

/// A distribution that has a resource as an origin.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// The distribution resource.
    pub id: ResourceId,
    /// The path of the origin in its properties.
    pub field: String,
    /// The headers that it adds, by name.
    pub headers: Vec<(String, Value)>,
    /// The origin port that it connects to.
    pub port: u16,
    /// The identity with which it reads a bucket, or `None` if it signs as the service.
    pub identity: Option<String>,
    /// Whether clients need a signed URL or cookie.
    pub is_signed: bool,
}

/// Returns the distributions with a resource as an origin.
pub fn distributions(world: &World, to: ResourceId) -> Vec<Distribution> {
    let mut found = Vec::new();
    for id in world.of_type("AWS::CloudFront::Distribution") {
        let config = world.resource(*id).property("DistributionConfig");
        if config["Enabled"] == false {
            continue;
        }
        for (at, origin) in config["Origins"].as_array().into_iter().flatten().enumerate() {
            if !names(world, &origin["DomainName"], to) {
                continue;
            }
            let headers = origin["OriginCustomHeaders"].as_array().into_iter().flatten();
            let header = |it: &Value| Some((it["HeaderName"].as_str()?.to_owned(), it["HeaderValue"].clone()));
            let custom = &origin["CustomOriginConfig"];
            let port = match custom["OriginProtocolPolicy"].as_str() {
                Some("http-only") => custom["HTTPPort"].as_u64().unwrap_or(80),
                _ => custom["HTTPSPort"].as_u64().unwrap_or(443),
            };
            let identity = origin["S3OriginConfig"]["OriginAccessIdentity"].as_str().filter(|it| !it.is_empty());
            found.push(Distribution {
                id: *id,
                field: format!("DistributionConfig.Origins[{at}]"),
                headers: headers.filter_map(header).collect(),
                port: u16::try_from(port).unwrap_or(443),
                identity: identity.map(str::to_owned),
                is_signed: is_signed(config, &origin["Id"]),
            });
        }
    }
    found
}

/// Whether every cache behavior of an origin requires a signed URL or cookie.
fn is_signed(config: &Value, origin: &Value) -> bool {
    let others = config["CacheBehaviors"].as_array().into_iter().flatten();
    let own = others.chain([&config["DefaultCacheBehavior"]]).filter(|it| it["TargetOriginId"] == *origin);
    let has = |value: &Value| value.as_array().is_some_and(|it| !it.is_empty());
    let mut own = own.map(|it| has(&it["TrustedKeyGroups"]) || has(&it["TrustedSigners"])).peekable();
    own.peek().is_some() && own.all(|it| it)
}

/// Whether a domain refers to a resource, by its own name or by an alias.
fn names(world: &World, domain: &Value, to: ResourceId) -> bool {
    let is_it = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        Reference::within(text).iter().any(|it| world.referred(it) == Some(to))
    };
    if is_it(domain) {
        return true;
    }
    let Some(domain) = domain.as_str() else { return false };
    let is_alias = |properties: &Value| {
        let name = properties["Name"].as_str().unwrap_or_default();
        let records = properties["ResourceRecords"].as_array().into_iter().flatten();
        name.trim_end_matches('.') == domain.trim_end_matches('.')
            && (is_it(&properties["AliasTarget"]["DNSName"]) || records.into_iter().any(is_it))
    };
    world.of_type("AWS::Route53::RecordSet").iter().any(|id| is_alias(&world.resource(*id).properties))
}
