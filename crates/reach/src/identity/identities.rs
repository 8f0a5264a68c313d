//! Answers identity queries about a world.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::arn;
use super::estate::Estate;
use super::login::{best, has_login, login, logins};
use super::permission::{Caller, Endpoint, is_assumption, verdict};
use super::session::{Session, anonymous, sessions};
use super::stores::{self, Use};
use super::touch::{self, Touch};
use super::written;
use crate::eks;
use crate::ends::Source;
use crate::link::{Layer, Link, Verdict};
use crate::world::{ResourceId, World};

/// The identities of a world, prepared for queries.
#[derive(Debug)]
pub struct Identities<'a> {
    world: &'a World,
    estate: Estate,
    /// Sessions by their owner. Many queries have the same source.
    known: Mutex<BTreeMap<Of, Arc<Vec<Session>>>>,
    /// The endpoints of each cluster's VPC.
    endpoints: Vec<Vec<Endpoint>>,
}

/// The owner of sessions.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    /// A client without credentials of the platform. Every such client has the same sessions.
    Anybody,
    /// A service account, which workloads can share: cluster, namespace and name.
    Account(usize, String, String),
    /// A resource that runs code.
    Resource(ResourceId),
    /// A role or a user.
    Role(ResourceId),
}

impl<'a> Identities<'a> {
    /// Prepares a world.
    pub fn new(world: &'a World) -> Self {
        let endpoints = (0..world.clusters.len()).map(|at| endpoints(world, at)).collect();
        Self { world, estate: Estate::new(world), known: Mutex::default(), endpoints }
    }

    /// Returns the world.
    pub fn world(&self) -> &'a World {
        self.world
    }

    /// Returns the start of a service's ARNs at a resource's location.
    pub fn prefix(&self, id: ResourceId, service: &str) -> String {
        arn::prefix(self.world, id, service)
    }

    /// Returns whether any client may call an action on a resource without a login.
    pub fn anybody_may(&self, action: &str, id: ResourceId) -> Vec<Link> {
        self.may(&Source::Internet, action, id)
    }

    /// Returns the roles, users and policies of the world.
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// Returns the uses of a resource through the API of its service. The list is empty for types without such uses.
    pub fn uses(&self, id: ResourceId) -> &'static [Use] {
        stores::uses(&self.world.resource(id).type_name)
    }

    /// Whether a resource that is reached over the network requires a login.
    pub fn has_login(&self, id: ResourceId) -> bool {
        has_login(&self.world.resource(id).type_name)
    }

    /// Returns the roles whose credentials a source can obtain.
    pub fn roles(&self, source: &Source) -> Vec<ResourceId> {
        self.sessions(source).iter().filter_map(|it| it.identity).collect()
    }

    /// Returns whether a source may call an action on a resource, and the deciding links.
    pub fn may(&self, source: &Source, action: &str, id: ResourceId) -> Vec<Link> {
        let on = stores::on(&self.world.resource(id).type_name, action);
        self.most_open(source, |caller| caller.may(action, id, on, Layer::Permission))
    }

    /// Returns all uses of a resource by a source through the API of its service, with the deciding links.
    pub fn each_use(&self, source: &Source, id: ResourceId) -> Vec<(Use, Vec<Link>)> {
        let answer =
            |of: &Use| (*of, self.most_open(source, |caller| caller.may(of.action, id, of.on, Layer::Permission)));
        self.uses(id).iter().map(answer).collect()
    }

    /// Returns the most permissive use of a resource by a source through the API of its service.
    pub fn any_use(&self, source: &Source, id: ResourceId) -> Vec<Link> {
        best(self.each_use(source, id).into_iter().map(|it| it.1).collect()).unwrap_or_default()
    }

    /// Returns whether a source that reaches a store over the network can log in.
    pub fn login(&self, source: &Source, id: ResourceId) -> Vec<Link> {
        self.most_open(source, |caller| login(caller, id))
    }

    /// Returns every path to call an action on a resource.
    pub fn ways_to_call(&self, source: &Source, action: &str, id: ResourceId) -> Vec<Vec<Link>> {
        let on = stores::on(&self.world.resource(id).type_name, action);
        let mut ways = self.every_way(source, |caller| vec![caller.may(action, id, on, Layer::Permission)]);
        if is_assumption(action) {
            ways.extend(self.ways_to_hold(source, id));
        }
        ways
    }

    /// Returns every path on which a source obtains the credentials of a role, such as a Pod Identity association.
    fn ways_to_hold(&self, source: &Source, role: ResourceId) -> Vec<Vec<Link>> {
        let sessions = self.sessions(source);
        let is_held = |it: &&Session| it.identity == Some(role) && !it.is_for_secrets && !it.links.is_empty();
        sessions.iter().filter(is_held).map(|it| it.links.clone()).collect()
    }

    /// Returns every path to use a resource through the API of its service.
    pub fn ways_to_use(&self, source: &Source, id: ResourceId) -> Vec<Vec<Link>> {
        let uses = self.uses(id);
        let mut ways = self.every_way(source, |caller| {
            uses.iter().map(|of| caller.may(of.action, id, of.on, Layer::Permission)).collect()
        });
        if uses.iter().any(|it| is_assumption(it.action)) {
            ways.extend(self.ways_to_hold(source, id));
        }
        ways
    }

    /// Returns every login path of a store that is reached over the network.
    pub fn ways_to_log_in(&self, source: &Source, id: ResourceId) -> Vec<Vec<Link>> {
        self.every_way(source, |caller| logins(caller, id))
    }

    /// Returns the actions that a source's own policies allow on a resource, regardless of other restrictions.
    pub fn granted(&self, source: &Source, id: ResourceId) -> BTreeSet<String> {
        let endpoints = self.endpoints_of(source);
        let sessions = self.sessions(source);
        let of = |session: &Session| Caller { world: self.world, estate: &self.estate, session, endpoints }.granted(id);
        sessions.iter().flat_map(of).collect()
    }

    /// Returns the resources that the policies of a source may apply to.
    pub fn touch(&self, source: &Source) -> Touch {
        Touch::of(&self.estate, &self.sessions(source))
    }

    /// Returns the target ARNs of requests to a resource, with a marker for parts that a deployment fills in.
    pub fn targets(&self, id: ResourceId) -> Vec<String> {
        touch::targets(self.world, id)
    }

    /// Whether a resource policy directly names a principal.
    pub fn is_opened(&self, id: ResourceId) -> bool {
        touch::is_opened(&self.estate, id)
    }

    /// Whether a policy of a source names exactly this resource, without a wildcard.
    pub fn is_named(&self, source: &Source, id: ResourceId) -> bool {
        let endpoints = self.endpoints_of(source);
        let is_named =
            |session: &Session| Caller { world: self.world, estate: &self.estate, session, endpoints }.is_named(id);
        self.sessions(source).iter().any(is_named)
    }

    /// Returns the answer for the most permissive credentials.
    fn most_open(&self, source: &Source, ask: impl Fn(&Caller<'_>) -> Vec<Link>) -> Vec<Link> {
        best(self.every_way(source, |caller| vec![ask(caller)])).unwrap_or_default()
    }

    /// Returns the answers for all credentials, in the order in which they are tried.
    fn every_way(&self, source: &Source, ask: impl Fn(&Caller<'_>) -> Vec<Vec<Link>>) -> Vec<Vec<Link>> {
        let endpoints = self.endpoints_of(source);
        let asked = |session: &Session| {
            let caller = Caller { world: self.world, estate: &self.estate, session, endpoints };
            let each = ask(&caller).into_iter();
            each.map(|links| session.links.iter().cloned().chain(links).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        let sessions = self.sessions(source);
        let mut ways: Vec<Vec<Link>> = sessions.iter().flat_map(asked).collect();
        // A source with credentials can also make requests without them.
        let without = asked(&anonymous());
        match ways.is_empty() {
            true if without.iter().all(|it| verdict(it) == Verdict::Denied) => vec![vec![self.no_credentials(source)]],
            _ => {
                ways.extend(without.into_iter().filter(|it| verdict(it) != Verdict::Denied));
                ways
            }
        }
    }

    pub(super) fn sessions(&self, source: &Source) -> Arc<Vec<Session>> {
        let find = || Arc::new(sessions(self.world, &self.estate, source));
        let key = match source {
            Source::Workload(id) => {
                let workload = self.world.workload(*id);
                Of::Account(workload.cluster, workload.namespace.clone(), workload.account.clone())
            }
            Source::Resource(id) => Of::Resource(*id),
            Source::Role(id) => Of::Role(*id),
            Source::Internet | Source::Addresses(_) => Of::Anybody,
            _ => return find(),
        };
        self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert_with(find).clone()
    }

    fn endpoints_of(&self, source: &Source) -> &[Endpoint] {
        let cluster = match source {
            Source::Workload(id) => Some(self.world.workload(*id).cluster),
            Source::Pods { cluster, .. } => self.world.clusters.iter().position(|it| it.id == *cluster),
            _ => None,
        };
        cluster.and_then(|at| self.endpoints.get(at)).map_or(&[], Vec::as_slice)
    }

    fn no_credentials(&self, source: &Source) -> Link {
        let link = Link::new(Layer::Trust, Verdict::Denied, "it has no AWS credentials");
        let Source::Workload(id) = source else { return link };
        let workload = self.world.workload(*id);
        let name = format!("{}/{}", workload.namespace, workload.account);
        let why = format!("no role trusts the service account `{name}`");
        let own = self.world.object(workload.cluster, "ServiceAccount", &workload.namespace, &workload.account);
        let link = Link { why, ..link };
        match own {
            Some(own) => link.by(own.title(), "metadata.annotations", &own.at),
            None => link.by(&name, "", &self.world.object_of(*id).at),
        }
    }
}

/// Returns the VPC endpoints of a cluster's VPC.
fn endpoints(world: &World, cluster: usize) -> Vec<Endpoint> {
    let Some(own) = eks::resource_of(world, &world.clusters[cluster]) else { return Vec::new() };
    let subnets = world.all_named_by(world.resource(own).property("ResourcesVpcConfig.SubnetIds"));
    let vpc = subnets.first().and_then(|id| world.named_by(world.resource(*id).property("VpcId")));
    let Some(vpc) = vpc else { return Vec::new() };
    let in_vpc = |id: &&ResourceId| world.named_by(world.resource(**id).property("VpcId")) == Some(vpc);
    let endpoint = |id: &ResourceId| {
        let resource = world.resource(*id);
        let name = resource.property("ServiceName").as_str()?;
        let mut parts = name.rsplit('.');
        let service = match (parts.next()?, parts.next()?) {
            ("api", service) => service,
            ("dkr", _) => return None,
            (service, _) => service,
        };
        let is_used =
            resource.property("VpcEndpointType") != "Interface" || resource.property("PrivateDnsEnabled") == true;
        let document = resource.property("PolicyDocument");
        let policy = (!document.is_null()).then(|| written::policy(world, *id, "PolicyDocument", document));
        let id = |id: ResourceId| format!("${{={}}}", world.resource(id).name());
        is_used.then(|| Endpoint {
            service: service.to_owned(),
            policy,
            ids: (format!("${{={}}}", resource.name()), id(vpc)),
        })
    };
    world.of_type("AWS::EC2::VPCEndpoint").iter().filter(in_vpc).filter_map(endpoint).collect()
}
