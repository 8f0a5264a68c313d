//! Permissions for an action on a resource: endpoints, policies and keys.

use super::arn;
use super::buckets;
use super::decide::{Decision, Policies, decide};
use super::document::{Request, Statement};
use super::estate::{Estate, Identity};
use super::items;
use super::pattern::shown;
use super::policy::Policy;
use super::principal::Principal;
use super::say::{Ends, links};
use super::session::Session;
use super::stores::{self, Key, On};
use super::truth::Truth;
use super::written::Written;
use crate::link::{Layer, Link, Verdict};
use crate::world::{ResourceId, World};

/// A caller with its policies and its location.
pub struct Caller<'a> {
    /// The world.
    pub world: &'a World,
    /// The identities and policies of the world.
    pub estate: &'a Estate,
    /// The credentials.
    pub session: &'a Session,
    /// The policies of VPC endpoints that requests pass, by service.
    pub endpoints: &'a [Endpoint],
}

/// A VPC endpoint on the path to a service.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The last part of the service name, such as `s3`.
    pub service: String,
    /// The endpoint policy, or `None` if all requests pass.
    pub policy: Option<Policy<Written>>,
    /// The ids of the endpoint and of its VPC.
    pub ids: (String, String),
}

/// The actions with which the agent of a task reads its secrets.
const READS_SECRETS: [&str; 2] = ["secretsmanager:GetSecretValue", "ssm:GetParameter"];

impl Caller<'_> {
    /// Returns whether an action on a resource is allowed, including its key. If there are several target ARNs, returns
    /// the most permissive result.
    pub fn may(&self, action: &str, id: ResourceId, on: On, layer: Layer) -> Vec<Link> {
        let Some(target) = stores::target(self.world, id, on) else {
            let what = self.world.resource(id).title();
            return vec![Link::new(layer, Verdict::Unknown, format!("the ARN of {what} is unknown"))];
        };
        let mut best: Option<(Truth, Vec<Link>)> = None;
        for target in self.candidates(id, target) {
            let (truth, links) = self.one(action, id, target, layer);
            if best.as_ref().is_none_or(|it| truth > it.0) {
                best = Some((truth, links));
            }
        }
        let (truth, mut links) = best.unwrap_or((Truth::No, Vec::new()));
        if truth != Truth::No && !stores::is_without_key(action) {
            links.extend(self.key(action, id));
        }
        links
    }

    fn one(&self, action: &str, id: ResourceId, resource: String, layer: Layer) -> (Truth, Vec<Link>) {
        if self.session.is_for_secrets && !READS_SECRETS.contains(&action) {
            let why = "AWS uses this role only to read secrets when the resource starts";
            return (Truth::No, vec![Link::new(layer, Verdict::Denied, why)]);
        }
        let account = arn::account(self.world, id);
        let request = self.request(action, id, resource, account);
        let written = Written::of(self.world, id, "");
        let decision = self.decide(&request, self.resource_policies(action, id), self.needs_resource(action, id));
        let who = self.session.identity.map(|id| Written::of(self.world, id, ""));
        let mut links = links(layer, &request, &decision, &Ends { who: who.as_ref(), on: &written });
        // Only a public policy can allow a client without a login.
        let is_public = self.session.principal == Principal::Anonymous && decision.truth == Truth::Yes;
        let is_bucket = self.world.resource(id).type_name == "AWS::S3::Bucket";
        if let Some(link) = (is_public && is_bucket).then(|| buckets::blocked(self.world, id)).flatten() {
            let truth = if link.verdict == Verdict::Denied { Truth::No } else { Truth::Unknown };
            links.push(link);
            return (truth, links);
        }
        (decision.truth, links)
    }

    /// Returns the resource policies for an action. The trust policy of a role only applies to actions that assume it;
    /// its own policies decide all other actions, such as `iam:PassRole`.
    fn resource_policies(&self, action: &str, id: ResourceId) -> Vec<&Policy<Written>> {
        match self.estate.identities.get(&id).and_then(|it| it.trust.as_ref()) {
            Some(trust) if is_assumption(action) => vec![trust],
            _ => self.estate.resources.get(&id).into_iter().flatten().collect(),
        }
    }

    /// Whether only the resource policy can allow an action.
    fn needs_resource(&self, action: &str, id: ResourceId) -> bool {
        match self.world.resource(id).type_name.as_str() {
            "AWS::IAM::Role" => is_assumption(action),
            "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => true,
            _ => false,
        }
    }

    pub(super) fn request(&self, action: &str, id: ResourceId, resource: String, account: String) -> Request {
        let place = self.world.place(id);
        let mut context = self.session.context.clone().with("aws:ResourceAccount", &account);
        if !place.region.is_empty() {
            context = context.with("aws:RequestedRegion", &place.region);
        }
        for tag in items(self.world.resource(id).property("Tags")) {
            if let (Some(key), Some(value)) = (tag["Key"].as_str(), tag["Value"].as_str()) {
                context = context.with(&format!("aws:ResourceTag/{key}"), &arn::text(self.world, value));
            }
        }
        if action.starts_with("kms:") {
            // A direct request to a key does not go through another service.
            context = context.without("kms:ViaService").without("kms:GrantIsForAWSResource");
        }
        if let Some(endpoint) = self.endpoint(action) {
            context = context.with("aws:SourceVpce", &endpoint.ids.0).with("aws:SourceVpc", &endpoint.ids.1);
        }
        Request { principal: self.session.principal.clone(), action: action.to_owned(), resource, account, context }
    }

    fn endpoint(&self, action: &str) -> Option<&Endpoint> {
        let service = action.split(':').next().unwrap_or_default();
        self.endpoints.iter().find(|it| it.service == service)
    }

    fn decide<'b>(
        &'b self,
        request: &Request,
        of: Vec<&'b Policy<Written>>,
        needs_resource: bool,
    ) -> Decision<'b, Written> {
        let endpoint = self.endpoint(&request.action).and_then(|it| it.policy.as_ref());
        let policies = Policies {
            identity: self.own_policies(),
            boundary: self.identity().and_then(|it| it.boundary.as_ref()),
            resource: of,
            needs_resource,
            endpoint: endpoint.into_iter().collect(),
            ..Policies::default()
        };
        decide(request, &policies)
    }

    fn identity(&self) -> Option<&Identity> {
        self.estate.identities.get(&self.session.identity?)
    }

    pub(super) fn own_policies(&self) -> Vec<&Policy<Written>> {
        match self.identity() {
            Some(identity) => self.estate.policies_of(identity),
            None => self.session.foreign.iter().collect(),
        }
    }

    /// Returns the target ARN and the more specific ARNs in statements. A statement about some objects of a bucket
    /// allows these objects.
    pub(super) fn candidates(&self, id: ResourceId, target: String) -> Vec<String> {
        let Some((before, _)) = target.rsplit_once("/${?") else { return vec![target] };
        let before = format!("{before}/");
        let of_resource = self.estate.resources.get(&id).into_iter().flatten();
        let policies = self.own_policies().into_iter().chain(of_resource);
        let statements = policies.filter_map(|it| it.body.document()).flat_map(|it| &it.statements);
        let patterns = statements.filter(|it| !it.denies).flat_map(Statement::resources);
        let below = patterns.filter_map(|it| it.text().strip_prefix(&before)).filter(|rest| !rest.is_empty());
        let named: Vec<String> =
            below.map(|rest| format!("{before}{}", rest.replace('*', "${?name}").replace('?', "x"))).collect();
        [target].into_iter().chain(named).collect()
    }

    /// Returns the decision of the key that encrypts a resource.
    fn key(&self, action: &str, id: ResourceId) -> Vec<Link> {
        match stores::key(self.world, id) {
            Key::None => Vec::new(),
            Key::Foreign(arn) => {
                let why = format!("the policy of the key `{}` is not in the files", shown(&arn));
                vec![Link::new(Layer::Key, Verdict::Unknown, why)]
            }
            Key::Own(key, service) => self.with_key(key, stores::key_action(action), Some(service)),
        }
    }

    /// Returns whether a key may be used, directly or through a service.
    pub fn with_key(&self, key: ResourceId, action: &str, service: Option<&str>) -> Vec<Link> {
        let Some(target) = arn::of(self.world, key) else { return Vec::new() };
        let mut request = self.request(action, key, target, arn::account(self.world, key));
        if let Some(service) = service {
            let region = &self.world.place(key).region;
            let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            let region = if region.is_empty() { "${?AWS::Region}" } else { region };
            request.context = request.context.with("kms:ViaService", &format!("{service}.{region}.{suffix}"));
        }
        let decision = self.decide(&request, self.resource_policies(action, key), true);
        let written = Written::of(self.world, key, "");
        let who = self.session.identity.map(|id| Written::of(self.world, id, ""));
        links(Layer::Key, &request, &decision, &Ends { who: who.as_ref(), on: &written })
    }

    /// Returns whether an action on an ARN is allowed, for ARNs outside the platform's resources, such as a secret that
    /// RDS creates.
    pub fn on_arn(&self, action: &str, near: ResourceId, arn: String, layer: Layer) -> Vec<Link> {
        let request = self.request(action, near, arn, arn::account(self.world, near));
        let decision = self.decide(&request, Vec::new(), false);
        let who = self.session.identity.map(|id| Written::of(self.world, id, ""));
        let written = Written::of(self.world, near, "");
        links(layer, &request, &decision, &Ends { who: who.as_ref(), on: &written })
    }
}

/// Whether an action assumes a role. The trust policy of the role decides such actions.
pub fn is_assumption(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    action.starts_with("sts:assumerole")
        || matches!(action.as_str(), "sts:tagsession" | "sts:setsourceidentity" | "sts:setcontext")
}

/// Returns the combined verdict of links.
pub fn verdict(links: &[Link]) -> Verdict {
    links.iter().fold(Verdict::Allowed, |all, link| all.and(link.verdict))
}
