//! The differences between staging and production.

use meshsynth::aws::vpc::{ExistingSubnet, ExistingVpc, Service, Tier};
use meshsynth::mesh::Autoscale;
use meshsynth::{Cidr, Env};

/// The account with the image repositories, keys and parent domain of the company.
pub const SHARED: &str = "333322221111";

/// The sizes and settings of an environment.
pub struct Environment {
    /// The account of the environment.
    pub account: &'static str,
    /// The AWS region.
    pub region: &'static str,
    /// The network.
    pub network: Place,
    /// The public domain, a subdomain of the company's domain.
    pub domain: &'static str,
    /// The instance class of each database.
    pub database: &'static str,
    /// The type of each cache node.
    pub cache: &'static str,
    /// The type of each node of the search domain.
    pub search: &'static str,
    /// Whether stores have a standby in another zone.
    pub multi_az: bool,
    /// The number of pods per service.
    pub scale: Autoscale,
    /// The version of the services.
    pub version: &'static str,
    /// The address that receives alarms.
    pub on_call: &'static str,
}

/// The owner of the network.
pub enum Place {
    /// A network that the program defines.
    Own(Cidr),
    /// An existing network of the network team.
    Existing(ExistingVpc),
}

impl Environment {
    /// Returns a small environment with its own network.
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

    /// Returns an environment that survives the failure of a zone, on the network of the network team.
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

    /// Returns the ARN of the credentials for the registry of the model vendor.
    pub fn vendor_login(&self) -> String {
        format!("arn:aws:secretsmanager:{}:{}:secret:company/vendor-login-Zk4q0T", self.region, self.account)
    }

    /// Returns the account and region of the platform.
    pub fn place(&self) -> Env {
        Env::new(self.account, self.region)
    }
}

/// Returns the network of production as the network team created it: three tiers in three zones.
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
