//! Paths through the entries of a resource: load balancers, APIs, function URLs, and distributions.

use super::Engine;
use super::addresses::end;
use super::ways::Ways;
use crate::ends::{Port, Source};
use crate::entries::{Client, Distribution, apis, balanced_resource, distributions, urls};
use crate::link::{Layer, Link, Verdict};
use crate::network::{self, End};
use crate::world::ResourceId;

const FUNCTION: &str = "AWS::Lambda::Function";
const BUCKET: &str = "AWS::S3::Bucket";

impl Engine<'_> {
    /// Returns the paths from a client to a port of a resource, through its load balancers and distributions.
    pub(super) fn by_balancers(&self, client: &Client, to: ResourceId, port: Port) -> Ways {
        let Some(interface) = network::interface(self.world, to) else { return Ways::default() };
        let end = End::Interface(&interface);
        let ways = distributions(self.world, to).into_iter().filter(|it| it.port == port.number).map(|it| {
            let mut way = vec![self.entry(&it)];
            way.extend(self.network.between(&End::CloudFront, &end, port));
            way
        });
        let ways = Ways::of(ways.collect());
        let doors = balanced_resource(self.world, &self.listeners, to, client).into_iter().filter(|it| it.port == port);
        doors.fold(ways, |all, door| {
            let outer = self.to_balancer(client, &door).then(std::slice::from_ref(&door.binding));
            all.or(outer.and(&self.interface_to_interface(door.balancer, to, port)))
        })
    }

    /// Returns the paths of a source without credentials to a resource with an API. They lead through entries that call
    /// the resource on behalf of clients.
    pub(super) fn by_entries(&self, source: &Source, to: ResourceId, action: Option<&str>) -> Ways {
        let type_name = self.world.resource(to).type_name.as_str();
        let has_fronts = match type_name {
            FUNCTION => action.is_none_or(|it| it == "lambda:InvokeFunction"),
            BUCKET => action.is_none_or(|it| it == "s3:GetObject"),
            _ => false,
        };
        if !has_fronts {
            return Ways::default();
        }
        let interface = match source {
            Source::Resource(id) => network::interface(self.world, *id),
            _ => None,
        };
        let end = match (source, &interface) {
            (Source::Internet | Source::Addresses(_), _) => end(source),
            (_, Some(it)) => Some(End::Interface(it)),
            _ => None,
        };
        let Some(end) = end else { return Ways::default() };
        let client = Client::new(self.world, end);
        if type_name == FUNCTION { self.to_function(&client, to) } else { self.by_distributions(to) }
    }

    fn to_function(&self, client: &Client, to: ResourceId) -> Ways {
        let mut ways = Ways::default();
        for door in balanced_resource(self.world, &self.listeners, to, client) {
            let arn = door.group.map_or_else(String::new, |id| self.identities.source_arn(&reference(self, id)));
            let service = "elasticloadbalancing.amazonaws.com";
            let may = self.identities.service_may(service, &arn, "lambda:InvokeFunction", to);
            ways = ways.or(self.to_balancer(client, &door).then(std::slice::from_ref(&door.binding)).then(&may));
        }
        for api in apis(self.world, to, client) {
            let mut way = vec![api.link];
            if !api.has_role {
                way.extend(self.called_by_api(api.id, to));
            }
            ways = ways.or(way.into());
        }
        for url in urls(self.world, to) {
            let mut way = vec![url.link];
            if !url.is_signed {
                way.extend(self.identities.anybody_may("lambda:InvokeFunctionUrl", to));
            }
            ways = ways.or(way.into());
        }
        ways
    }

    /// Whether a function allows calls from an API. Some requests that its policy names may be allowed, or any request.
    fn called_by_api(&self, api: ResourceId, to: ResourceId) -> Vec<Link> {
        let before = format!("{}{}", self.identities.prefix(api, "execute-api"), reference(self, api));
        let may = |request: &str| {
            let arn = self.identities.source_arn(&format!("{before}{request}"));
            self.identities.service_may("apigateway.amazonaws.com", &arn, "lambda:InvokeFunction", to)
        };
        // First assume names that only `*` can match. If the policy does not allow them, assume unknown names, which
        // may be the names in the policy.
        let some = may("/${=stage}/${=method}/${=path}");
        match some.iter().all(|it| it.verdict == Verdict::Allowed) {
            true => some,
            false => may("/${?stage}/${?method}/${?path}"),
        }
    }

    /// Returns the paths to the objects of a bucket, through its distributions.
    fn by_distributions(&self, to: ResourceId) -> Ways {
        let found = distributions(self.world, to).into_iter();
        found.fold(Ways::default(), |all, it| all.or(self.by_distribution(&it, to).into()))
    }

    /// Returns the requirements of a distribution for clients.
    fn entry(&self, distribution: &Distribution) -> Link {
        let resource = self.world.resource(distribution.id);
        let (verdict, why) = match distribution.is_signed {
            true => (Verdict::Denied, "requires a signed URL or cookie"),
            false => (Verdict::Allowed, "accepts requests from any client, and forwards them to its origin"),
        };
        Link::new(Layer::Entry, verdict, why).by(resource.title(), &*distribution.field, &resource.at)
    }

    fn by_distribution(&self, distribution: &Distribution, to: ResourceId) -> Vec<Link> {
        let mut way = vec![self.entry(distribution)];
        way.extend(match &distribution.identity {
            Some(identity) => {
                let identity = identity.rsplit('/').next().unwrap_or_default();
                let arn = format!("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {identity}");
                self.identities.principal_may(&self.identities.source_arn(&arn), "s3:GetObject", to)
            }
            None => {
                let before = self.identities.prefix(distribution.id, "cloudfront");
                let arn = format!("{before}distribution/{}", reference(self, distribution.id));
                let arn = self.identities.source_arn(&arn);
                self.identities.service_may("cloudfront.amazonaws.com", &arn, "s3:GetObject", to)
            }
        });
        way
    }
}

/// Returns the resolved `Ref` of a resource.
fn reference(engine: &Engine<'_>, id: ResourceId) -> String {
    let resource = engine.world.resource(id);
    format!("${{{}/{}}}", resource.stack_id, resource.logical)
}
