//! What differs between staging and production.

use meshsynth::aws::vpc::{ExistingSubnet, ExistingVpc, Service, Tier};
use meshsynth::mesh::Autoscale;
use meshsynth::{Cidr, Env};

/// The account that both environments take images, keys of the company and the parent domain from.
pub const SHARED: &str = "333322221111";

/// The sizes and the guarantees of an environment.
pub struct Environment {
    /// The account that it is deployed to.
    pub account: &'static str,
    /// Its region.
    pub region: &'static str,
    /// Its network.
    pub network: Place,
    /// The domain that users know, below the domain of the company.
    pub domain: &'static str,
    /// The class of each database.
    pub database: &'static str,
    /// The type of each cache node.
    pub cache: &'static str,
    /// The type of each node of the search domain.
    pub search: &'static str,
    /// Whether stores have a standby in another zone.
    pub multi_az: bool,
    /// How many pods each service has.
    pub scale: Autoscale,
    /// The version of the services.
    pub version: &'static str,
    /// Who is told when something is wrong.
    pub on_call: &'static str,
}

/// Whose the network is.
pub enum Place {
    /// One of its own.
    Own(Cidr),
    /// That of the network team.
    Existing(ExistingVpc),
}

impl Environment {
    /// Small, on a network of its own.
    pub fn staging() -> Self {
        Self {
            account: "111122223333",
            region: "eu-west-1",
            network: Place::Own(Cidr::new("10.120.0.0/16")),
            domain: "staging.retail.example.com",
            database: "db.t4g.medium",
            cache: "cache.t4g.small",
            search: "t3.small.search",
            multi_az: false,
            scale: Autoscale::between(2, 4),
            version: "3.2.0-rc.1",
            on_call: "staging@retail.example.com",
        }
    }

    /// Survives the loss of a zone, on the network that the network team gives.
    pub fn production() -> Self {
        Self {
            account: "444455556666",
            region: "eu-central-1",
            network: Place::Existing(given()),
            domain: "retail.example.com",
            database: "db.r7g.large",
            cache: "cache.r7g.large",
            search: "m7g.large.search",
            multi_az: true,
            scale: Autoscale::between(3, 20),
            version: "3.1.4",
            on_call: "on-call@retail.example.com",
        }
    }

    /// The login to the registry of the vendor of models.
    pub fn vendor_login(&self) -> String {
        format!("arn:aws:secretsmanager:{}:{}:secret:company/vendor-login-Zk4q0T", self.region, self.account)
    }

    /// Where the platform is deployed.
    pub fn place(&self) -> Env {
        Env::new(self.account, self.region)
    }
}

/// The network of production, as the network team hands it out: three tiers in three zones.
fn given() -> ExistingVpc {
    let zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
    let subnet = |tier, zone: usize, id, cidr| ExistingSubnet::new(tier, id, Cidr::new(cidr), zones[zone]);
    let subnets = [
        subnet(Tier::Public, 0, "subnet-0a11c7e25b9d3f001", "10.64.0.0/24"),
        subnet(Tier::Public, 1, "subnet-0a11c7e25b9d3f002", "10.64.1.0/24"),
        subnet(Tier::Public, 2, "subnet-0a11c7e25b9d3f003", "10.64.2.0/24"),
        subnet(Tier::Private, 0, "subnet-0b22d8f36cae40011", "10.64.32.0/19"),
        subnet(Tier::Private, 1, "subnet-0b22d8f36cae40012", "10.64.64.0/19"),
        subnet(Tier::Private, 2, "subnet-0b22d8f36cae40013", "10.64.96.0/19"),
        subnet(Tier::Isolated, 0, "subnet-0c33e9a47dbf51021", "10.64.16.0/22"),
        subnet(Tier::Isolated, 1, "subnet-0c33e9a47dbf51022", "10.64.20.0/22"),
        subnet(Tier::Isolated, 2, "subnet-0c33e9a47dbf51023", "10.64.24.0/22"),
    ];
    let named = ["bedrock-runtime", "events", "sns", "states"].map(|name| Service::Other(name.to_owned()));
    let mut endpoints = vec![
        Service::S3,
        Service::DynamoDb,
        Service::EcrApi,
        Service::EcrDkr,
        Service::Sts,
        Service::SecretsManager,
        Service::Logs,
        Service::Kms,
        Service::Sqs,
        Service::Monitoring,
    ];
    endpoints.extend(named);
    let network = ExistingVpc::new("vpc-0c9b7a6d5e4f32107", Cidr::new("10.64.0.0/16"), subnets);
    ExistingVpc { endpoints, has_nat: true, ..network }
}
