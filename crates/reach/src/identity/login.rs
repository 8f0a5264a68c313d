//! Logins to data stores that are reached over the network. They use IAM authentication, a secret with a password,
//! or no authentication.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html>,
//! <https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html> and
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html>.

use meshsynth_facts::{self as facts, resources::Login};
use serde_json::Value;

use super::permission::{Caller, verdict};
use super::stores::{self, Key, On};
use super::{arn, items};
use crate::link::{Layer, Link, Verdict};
use crate::world::{Resource, ResourceId};

/// Whether a store that is reached over the network requires a login.
pub fn has_login(type_name: &str) -> bool {
    facts::resource(type_name).login.is_some()
}

/// Returns the most permissive login path of a store.
pub fn login(caller: &Caller<'_>, id: ResourceId) -> Vec<Link> {
    best(logins(caller, id)).unwrap_or_default()
}

/// Returns the login paths of a store.
pub fn logins(caller: &Caller<'_>, id: ResourceId) -> Vec<Vec<Link>> {
    let resource = caller.world.resource(id);
    let ways = match facts::resource(&resource.type_name).login {
        Some(Login::Database) => database(caller, id),
        Some(Login::Brokers) => brokers(caller, id),
        Some(Login::Cache) => cache(caller, id),
        Some(Login::Files) => files(caller, id),
        Some(Login::Search) => vec![caller.may("es:ESHttpGet", id, On::Below, Layer::Login)],
        Some(Login::Password) | None => {
            vec![vec![link(resource, "", Verdict::Unknown, "the program does not define its users")]]
        }
    };
    if ways.is_empty() {
        let why = "the program does not restrict the password";
        return vec![vec![link(resource, "", Verdict::Unknown, why)]];
    }
    ways
}

/// Returns the most permissive links. If all are denied, returns those that need the fewest changes.
pub fn best(ways: Vec<Vec<Link>>) -> Option<Vec<Link>> {
    ways.into_iter().min_by_key(|links| {
        let stops = links.iter().filter(|it| it.verdict == Verdict::Denied).count();
        (verdict(links), stops)
    })
}

fn link(resource: &Resource, field: &str, verdict: Verdict, why: &str) -> Link {
    Link::new(Layer::Login, verdict, why).by(resource.title(), field, &resource.at)
}

fn database(caller: &Caller<'_>, id: ResourceId) -> Vec<Vec<Link>> {
    let world = caller.world;
    let resource = world.resource(id);
    // A login to an instance of a cluster is a login to the cluster.
    if let Some(cluster) = world.named_by(resource.property("DBClusterIdentifier")).filter(|it| *it != id) {
        return database(caller, cluster);
    }
    let mut ways = Vec::new();
    if is_on(resource.property("EnableIAMDatabaseAuthentication")) {
        let user =
            link(resource, "EnableIAMDatabaseAuthentication", Verdict::Allowed, "it accepts users with an IAM token");
        let may = caller.may("rds-db:connect", id, On::User, Layer::Login);
        ways.push([user].into_iter().chain(may).collect());
    }
    if is_on(resource.property("ManageMasterUserPassword")) {
        let secret = arn::master_secret(world, id);
        let mut links = caller.on_arn("secretsmanager:GetSecretValue", id, secret, Layer::Login);
        if verdict(&links) != Verdict::Denied
            && let Key::Own(key, service) =
                stores::of_value(world, resource.property("MasterUserSecret.KmsKeyId"), "secretsmanager")
        {
            links.extend(caller.with_key(key, "kms:Decrypt", Some(service)));
        }
        ways.push(links);
    }
    let attached = world.of_type("AWS::SecretsManager::SecretTargetAttachment").iter().copied();
    let attached = attached.filter(|it| world.named_by(world.resource(*it).property("TargetId")) == Some(id));
    let attached = attached.filter_map(|it| world.named_by(world.resource(it).property("SecretId")));
    ways.extend(attached.map(|secret| read_secret(caller, secret)));
    let password = resource.property("MasterUserPassword");
    if let Some(text) = password.as_str() {
        let secrets: Vec<ResourceId> =
            crate::world::Reference::within(text).iter().filter_map(|it| world.referred(it)).collect();
        if secrets.is_empty() {
            let why = "the program does not restrict the master password";
            ways.push(vec![link(resource, "MasterUserPassword", Verdict::Unknown, why)]);
        }
        ways.extend(secrets.into_iter().map(|secret| read_secret(caller, secret)));
    }
    ways
}

fn read_secret(caller: &Caller<'_>, secret: ResourceId) -> Vec<Link> {
    caller.may("secretsmanager:GetSecretValue", secret, On::Itself, Layer::Login)
}

fn brokers(caller: &Caller<'_>, id: ResourceId) -> Vec<Vec<Link>> {
    let resource = caller.world.resource(id);
    let authentication = resource.property("ClientAuthentication");
    let mut ways = Vec::new();
    if is_on(&authentication["Unauthenticated"]["Enabled"]) || authentication.is_null() {
        let why = "the brokers accept clients without a login";
        ways.push(vec![link(resource, "ClientAuthentication", Verdict::Allowed, why)]);
    }
    if is_on(&authentication["Sasl"]["Iam"]["Enabled"]) {
        let connect = caller.may("kafka-cluster:Connect", id, On::Itself, Layer::Login);
        let topics = ["kafka-cluster:ReadData", "kafka-cluster:WriteData"];
        let topics = topics.iter().map(|action| caller.may(action, id, On::Topic, Layer::Login)).collect();
        ways.push(connect.into_iter().chain(best(topics).unwrap_or_default()).collect());
    }
    if is_on(&authentication["Sasl"]["Scram"]["Enabled"]) {
        let why = "the secrets of SCRAM users are associated after the deployment";
        let mut secrets = Vec::new();
        for associated in caller.world.of_type("AWS::MSK::BatchScramSecret") {
            let own = caller.world.resource(*associated);
            if caller.world.named_by(own.property("ClusterArn")) == Some(id) {
                secrets.extend(caller.world.all_named_by(own.property("SecretArnList")));
            }
        }
        match secrets.is_empty() {
            true => ways.push(vec![link(resource, "ClientAuthentication.Sasl.Scram", Verdict::Unknown, why)]),
            false => ways.extend(secrets.into_iter().map(|it| read_secret(caller, it))),
        }
    }
    if is_on(&authentication["Tls"]["Enabled"]) {
        let why = "the program does not restrict the certificates of its authority";
        ways.push(vec![link(resource, "ClientAuthentication.Tls", Verdict::Unknown, why)]);
    }
    ways
}

fn cache(caller: &Caller<'_>, id: ResourceId) -> Vec<Vec<Link>> {
    let world = caller.world;
    let resource = world.resource(id);
    let groups = items(resource.property("UserGroupIds")).iter().chain(items(resource.property("UserGroupId")));
    let groups: Vec<ResourceId> =
        groups.filter_map(|it| called(caller, it, "AWS::ElastiCache::UserGroup", "UserGroupId")).collect();
    if groups.is_empty() {
        let token = resource.property("AuthToken");
        let (verdict, field, why) = match token.is_null() {
            true => (Verdict::Allowed, "UserGroupIds", "it requires no login"),
            false => (Verdict::Unknown, "AuthToken", "the program does not restrict the auth token"),
        };
        return vec![vec![link(resource, field, verdict, why)]];
    }
    let mut ways = Vec::new();
    for group in groups {
        for value in items(world.resource(group).property("UserIds")) {
            let Some(user) = called(caller, value, "AWS::ElastiCache::User", "UserId") else { continue };
            let of_user = world.resource(user);
            let mode = of_user.property("AuthenticationMode");
            let is_open = is_on(of_user.property("NoPasswordRequired")) || mode["Type"] == "no-password-required";
            if is_open {
                ways.push(vec![link(of_user, "NoPasswordRequired", Verdict::Allowed, "the user needs no password")]);
            } else if mode["Type"] == "iam" {
                let mut links = caller.may("elasticache:Connect", id, On::Itself, Layer::Login);
                links.extend(caller.may("elasticache:Connect", user, On::Itself, Layer::Login));
                ways.push(links);
            } else {
                let why = "the program does not restrict the password of the user";
                ways.push(vec![link(of_user, "Passwords", Verdict::Unknown, why)]);
            }
        }
    }
    ways
}

/// Returns a resource by reference, or by its id in the template.
fn called(caller: &Caller<'_>, value: &Value, type_name: &str, key: &str) -> Option<ResourceId> {
    caller.world.named_by(value).or_else(|| {
        let name = arn::text(caller.world, value.as_str()?);
        let own = |id: &ResourceId| {
            caller.world.resource(*id).property(key).as_str().is_some_and(|it| arn::text(caller.world, it) == name)
        };
        caller.world.of_type(type_name).iter().copied().find(own)
    })
}

fn files(caller: &Caller<'_>, id: ResourceId) -> Vec<Vec<Link>> {
    let resource = caller.world.resource(id);
    if resource.property("FileSystemPolicy").is_null() {
        let why = "without a policy, every client that reaches a mount target can mount the file system";
        return vec![vec![link(resource, "FileSystemPolicy", Verdict::Allowed, why)]];
    }
    vec![caller.may("elasticfilesystem:ClientMount", id, On::Itself, Layer::Login)]
}

fn is_on(value: &Value) -> bool {
    value == true || value == "true"
}
