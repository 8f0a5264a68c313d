//! The public endpoint of a cluster's API server.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>.

use meshsynth_access::sets::Cidr;

use super::client::Client;
use crate::link::{Layer, Link, Verdict};
use crate::network::flag;
use crate::world::{ResourceId, World};

/// Returns the requirements of a cluster's public endpoint for a client: network access and authentication.
pub fn api_server(world: &World, cluster: ResourceId, client: &Client) -> Vec<Link> {
    let resource = world.resource(cluster);
    let config = resource.property("ResourcesVpcConfig");
    let link = |layer, verdict, why: String, field: &str| {
        Link::new(layer, verdict, why).by(resource.title(), field, &resource.at)
    };
    if flag(&config["EndpointPublicAccess"]) == Some(false) {
        let why = "its endpoint is private".to_owned();
        return vec![link(Layer::Entry, Verdict::Denied, why, "ResourcesVpcConfig.EndpointPublicAccess")];
    }
    let texts: Vec<&str> =
        config["PublicAccessCidrs"].as_array().into_iter().flatten().filter_map(|it| it.as_str()).collect();
    let spans: Vec<_> = texts.iter().filter_map(|it| it.parse::<Cidr>().ok()).flat_map(Cidr::spans).collect();
    let verdict = if texts.is_empty() { Verdict::Allowed } else { client.within(&spans) };
    let why = match verdict {
        Verdict::Allowed => "its endpoint is on the internet".to_owned(),
        _ => format!("its endpoint accepts only {}", texts.join(", ")),
    };
    let login = "requires a token of a role or user with an access entry".to_owned();
    vec![
        link(Layer::Entry, verdict, why, "ResourcesVpcConfig.PublicAccessCidrs"),
        link(Layer::Login, Verdict::Denied, login, "AccessConfig"),
    ]
}
