//! The identities and the policies of a platform.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_facts as facts;
use meshsynth_facts::resources::{Identity as Role, Policy as Form};
use serde_json::{Value, json};

use super::arn;
use super::buckets;
use super::policy::{Body, Policy};
use super::principal::Principal;
use super::written::{Written, policy};
use super::{items, texts};
use crate::eks;
use crate::world::{ResourceId, World, values};

/// A role, a user or a group.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Its ARN.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// Whether it is a role.
    pub is_role: bool,
    /// The inline and attached policies.
    pub policies: Vec<Policy<Written>>,
    /// The permissions boundary.
    pub boundary: Option<Policy<Written>>,
    /// The trust policy.
    pub trust: Option<Policy<Written>>,
    /// The trust policy as text, with resolved references.
    pub trust_text: String,
    /// The tags, which are condition keys of its requests.
    pub tags: BTreeMap<String, String>,
    groups: BTreeSet<ResourceId>,
}

/// A Pod Identity association: an agent on the node gives a service account the credentials of a role.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html>.
#[derive(Clone, Debug)]
pub struct Association {
    /// The name of the cluster.
    pub cluster: String,
    /// The EKS resource of the cluster, if it is part of the platform.
    pub cluster_id: Option<ResourceId>,
    /// The namespace of the service account.
    pub namespace: String,
    /// The name of the service account.
    pub account: String,
    /// The ARN of the role.
    pub role: String,
    /// The role, if it is part of the platform.
    pub role_id: Option<ResourceId>,
    /// The ARN of the role that the session then assumes; empty if there is none.
    pub target: String,
    /// The ARN of the association.
    pub arn: String,
    /// The account and the region; empty if unknown.
    pub environment: (String, String),
    /// The source location.
    pub at: Written,
}

/// The identities and the policies of a platform.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// Roles, users and groups.
    pub identities: BTreeMap<ResourceId, Identity>,
    /// Resource policies.
    pub resources: BTreeMap<ResourceId, Vec<Policy<Written>>>,
    /// Associations of pods with roles, by namespace and service account.
    associations: BTreeMap<(String, String), Vec<Association>>,
    /// The resources with each ARN. Stacks without an account can define the same ARN.
    by_arn: BTreeMap<String, Vec<ResourceId>>,
    /// The roles whose trust policies name a service account.
    by_account: BTreeMap<String, Vec<ResourceId>>,
    /// The roles that may trust service accounts without naming them.
    by_any_account: Vec<ResourceId>,
    /// The roles that may trust other roles.
    by_roles: Vec<ResourceId>,
}

/// The prefix of the subject in a service account token.
const SUBJECT: &str = "system:serviceaccount:";

impl Estate {
    /// Collects the identities and policies of a world.
    pub fn new(world: &World) -> Self {
        let mut estate = Self::default();
        for (at, resource) in world.resources.iter().enumerate() {
            let id = ResourceId(at);
            if let Some(arn) = arn::of(world, id) {
                estate.by_arn.entry(arn.clone()).or_default().push(id);
                if facts::resource(&resource.type_name).identity == Some(Role::Principal) {
                    estate.identities.insert(id, identity(world, id, arn));
                }
            }
        }
        for (at, resource) in world.resources.iter().enumerate() {
            let id = ResourceId(at);
            let facts = facts::resource(&resource.type_name);
            match resource.type_name.as_str() {
                _ if facts.identity == Some(Role::Principal) => estate.own_policies(world, id),
                _ if facts.identity == Some(Role::Policy) => estate.attach(world, id),
                "AWS::IAM::UserToGroupAddition" => {
                    let groups = estate.people(world, resource.property("GroupName"), id);
                    for user in estate.people(world, resource.property("Users"), id) {
                        estate.identities.entry(user).or_default().groups.extend(&groups);
                    }
                }
                "AWS::S3::Bucket" => {
                    estate.resources.entry(id).or_default().extend(buckets::access_list(world, id));
                }
                "AWS::Lambda::Permission" => estate.permission(world, id),
                "AWS::EKS::PodIdentityAssociation" => {
                    let own = association(world, &estate, id);
                    let key = (own.namespace.clone(), own.account.clone());
                    estate.associations.entry(key).or_default().push(own);
                }
                _ => facts.policy.iter().for_each(|form| estate.of_resource(world, id, form)),
            }
        }
        estate.index_trust();
        estate
    }

    /// Returns the associations between a service account and roles.
    pub fn associations_of(&self, namespace: &str, account: &str) -> &[Association] {
        self.associations.get(&(namespace.to_owned(), account.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// Returns the roles that may trust a service account with a token of its cluster.
    pub fn trusting(&self, namespace: &str, account: &str) -> impl Iterator<Item = ResourceId> {
        let named = self.by_account.get(&format!("{SUBJECT}{namespace}:{account}"));
        named.into_iter().flatten().chain(&self.by_any_account).copied()
    }

    /// Returns the roles that may trust other roles.
    pub fn trusting_roles(&self) -> &[ResourceId] {
        &self.by_roles
    }

    fn index_trust(&mut self) {
        for (id, identity) in &self.identities {
            let text = &identity.trust_text;
            if text.contains("\"AWS\"") || text.contains("\"Principal\":\"*\"") || text.contains("NotPrincipal") {
                self.by_roles.push(*id);
            }
            if !text.contains("Federated") {
                continue;
            }
            let subjects: Vec<&str> =
                text.split(SUBJECT).skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect();
            if subjects.is_empty() || subjects.iter().any(|it| it.contains(['*', '?', '$'])) {
                self.by_any_account.push(*id);
            } else {
                for subject in subjects {
                    self.by_account.entry(format!("{SUBJECT}{subject}")).or_default().push(*id);
                }
            }
        }
    }

    /// Returns the resource with an ARN. If several stacks define it, the first one is returned.
    pub fn by_arn(&self, arn: &str) -> Option<ResourceId> {
        self.by_arn.get(arn)?.first().copied()
    }

    /// Returns the resource to which a property of another resource refers, by reference or by ARN. If several stacks
    /// define the ARN, the stack of the other resource is preferred, then its account and region.
    pub fn referred(&self, world: &World, value: &Value, near: ResourceId) -> Option<ResourceId> {
        let by_reference = world.named_by(value).filter(|id| arn::of(world, *id).is_some());
        by_reference.or_else(|| self.by_arn_near(world, &arn::text(world, value.as_str()?), near))
    }

    fn by_arn_near(&self, world: &World, arn: &str, near: ResourceId) -> Option<ResourceId> {
        nearest(world, self.by_arn.get(arn)?.iter().copied(), near)
    }

    /// Returns the role or user with an ARN.
    pub fn identity(&self, arn: &str) -> Option<&Identity> {
        self.identities.get(&self.by_arn(arn)?)
    }

    /// Returns the policies of an identity and of its groups.
    pub fn policies_of<'a>(&'a self, identity: &'a Identity) -> Vec<&'a Policy<Written>> {
        let groups = identity.groups.iter().filter_map(|it| self.identities.get(it));
        identity.policies.iter().chain(groups.flat_map(|it| &it.policies)).collect()
    }

    fn own_policies(&mut self, world: &World, id: ResourceId) {
        let resource = world.resource(id);
        let mut policies = Vec::new();
        for (idx, inline) in items(resource.property("Policies")).iter().enumerate() {
            let field = format!("Policies[{idx}].PolicyDocument");
            policies.push(policy(world, id, &field, &inline["PolicyDocument"]));
        }
        for (idx, attached) in items(resource.property("ManagedPolicyArns")).iter().enumerate() {
            policies.push(named(world, id, &format!("ManagedPolicyArns[{idx}]"), attached));
        }
        let boundary = resource.property("PermissionsBoundary");
        let boundary = (!boundary.is_null()).then(|| named(world, id, "PermissionsBoundary", boundary));
        let groups = self.people(world, resource.property("Groups"), id);
        if let Some(identity) = self.identities.get_mut(&id) {
            identity.policies.extend(policies);
            identity.boundary = boundary;
            identity.groups.extend(groups);
        }
    }

    /// Attaches a policy to the identities that it lists.
    fn attach(&mut self, world: &World, id: ResourceId) {
        let resource = world.resource(id);
        let attached = policy(world, id, "PolicyDocument", resource.property("PolicyDocument"));
        let keys = ["Roles", "RoleName", "Users", "UserName", "Groups", "GroupName"];
        let people: Vec<ResourceId> =
            keys.iter().flat_map(|key| self.people(world, resource.property(key), id)).collect();
        for person in people {
            self.identities.entry(person).or_default().policies.push(attached.clone());
        }
    }

    /// Returns the identities that a property refers to, by reference or by name.
    fn people(&self, world: &World, value: &Value, near: ResourceId) -> Vec<ResourceId> {
        let of = |value: &Value| match world.named_by(value) {
            Some(id) => Some(id),
            None => {
                let name = arn::text(world, value.as_str()?);
                let named = self.identities.keys().copied().filter(|id| arn::name(world, *id).as_ref() == Some(&name));
                // Identities of different accounts can have the same name.
                let is_near = |id: &ResourceId| eks::agree(&world.place(*id).account, &world.place(near).account);
                nearest(world, named.filter(is_near), near)
            }
        };
        items(value).iter().filter_map(of).filter(|id| self.identities.contains_key(id)).collect()
    }

    fn of_resource(&mut self, world: &World, id: ResourceId, form: &Form) {
        let documents = values(&world.resource(id).properties, form.document);
        for document in documents.into_iter().filter(|it| !it.is_null()) {
            let policy = match form.document {
                "Statement" => policy(world, id, "Statement", &json!({ "Statement": [document] })),
                field => policy(world, id, field, document),
            };
            for owner in self.owners(world, id, form.of) {
                self.resources.entry(owner).or_default().push(policy.clone());
            }
        }
    }

    /// Returns the targets of a policy: those that a property refers to by reference, name or ARN, or the resource
    /// itself.
    fn owners(&self, world: &World, id: ResourceId, target: &str) -> Vec<ResourceId> {
        if target.is_empty() {
            return vec![id];
        }
        let of = |value: &Value| {
            world.named_by(value).or_else(|| {
                let text = arn::text(world, value.as_str()?);
                let by_name = || self.by_arn_near(world, &format!("{}{text}", arn::prefix(world, id, "s3")), id);
                self.by_arn_near(world, &text, id).or_else(by_name)
            })
        };
        items(world.resource(id).property(target)).iter().filter_map(of).collect()
    }

    /// Converts a Lambda permission to the resulting policy statement.
    fn permission(&mut self, world: &World, id: ResourceId) {
        let resource = world.resource(id);
        let mut condition = json!({});
        for (property, operator, key) in [
            ("SourceArn", "ArnLike", "aws:SourceArn"),
            ("SourceAccount", "StringEquals", "aws:SourceAccount"),
            ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
            ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
            ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ] {
            let value = resource.property(property);
            if !value.is_null() {
                condition[operator][key] = value.clone();
            }
        }
        let who = resource.property("Principal").as_str().unwrap_or_default();
        let kind = if who.contains(".amazonaws.com") { "Service" } else { "AWS" };
        let statement = json!({
            "Effect": "Allow", "Principal": { kind: who }, "Action": resource.property("Action"), "Condition": condition,
        });
        let policy = policy(world, id, "", &json!({ "Statement": [statement] }));
        for owner in self.owners(world, id, "FunctionName") {
            self.resources.entry(owner).or_default().push(policy.clone());
        }
    }
}

impl Identity {
    /// Returns the principal with the credentials of the identity.
    pub fn principal(&self) -> Principal {
        let (account, arn) = (self.account.clone(), self.arn.clone());
        if self.is_role { Principal::Role { account, arn, session: None } } else { Principal::User { account, arn } }
    }
}

fn identity(world: &World, id: ResourceId, arn: String) -> Identity {
    let resource = world.resource(id);
    let is_role = resource.type_name == "AWS::IAM::Role";
    let trust = resource.property("AssumeRolePolicyDocument");
    let tag = |it: &Value| Some((it["Key"].as_str()?.to_owned(), arn::text(world, it["Value"].as_str()?)));
    Identity {
        account: arn::account(world, id),
        is_role,
        trust: is_role.then(|| policy(world, id, "AssumeRolePolicyDocument", trust)),
        trust_text: match trust {
            Value::String(text) => arn::text(world, text),
            other => arn::value(world, other).to_string(),
        },
        tags: items(resource.property("Tags")).iter().filter_map(tag).collect(),
        arn,
        ..Identity::default()
    }
}

/// Returns the resource that is nearest to another one: in the same stack, or in the same account and region.
fn nearest(world: &World, all: impl Iterator<Item = ResourceId>, near: ResourceId) -> Option<ResourceId> {
    let here = world.place(near);
    all.min_by_key(|id| {
        let place = world.place(*id);
        let is_same_stack = world.resource(*id).stack == world.resource(near).stack;
        (!is_same_stack, place.account != here.account, place.region != here.region, *id)
    })
}

/// Returns a managed policy by its ARN.
fn named(world: &World, id: ResourceId, field: &str, value: &Value) -> Policy<Written> {
    let own = world.named_by(value).filter(|it| world.resource(*it).type_name == "AWS::IAM::ManagedPolicy");
    match own {
        Some(own) => policy(world, own, "PolicyDocument", world.resource(own).property("PolicyDocument")),
        None => {
            let arn = texts(value).first().map(|it| arn::text(world, it)).unwrap_or_default();
            Policy { body: Body::Named(arn), at: Written::of(world, id, field) }
        }
    }
}

fn association(world: &World, estate: &Estate, id: ResourceId) -> Association {
    let resource = world.resource(id);
    let text = |key: &str| resource.property(key).as_str().map(|it| arn::text(world, it)).unwrap_or_default();
    Association {
        cluster: text("ClusterName"),
        cluster_id: eks::named(world, resource.property("ClusterName"), id),
        namespace: text("Namespace"),
        account: text("ServiceAccount"),
        role: text("RoleArn"),
        role_id: estate.referred(world, resource.property("RoleArn"), id),
        target: text("TargetRoleArn"),
        arn: format!(
            "{}podidentityassociation/{}/${{={}}}",
            arn::prefix(world, id, "eks"),
            text("ClusterName"),
            resource.name()
        ),
        environment: (world.place(id).account.clone(), world.place(id).region.clone()),
        at: Written::of(world, id, ""),
    }
}
