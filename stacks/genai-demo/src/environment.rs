//! The differences between staging and production.

use meshsynth::aws::vpc::Nat;
use meshsynth::backup::{Lock, Rule};
use meshsynth::mesh::{Autoscale, Placement};
use meshsynth::{Cidr, Env};

/// The sizes and settings of an environment.
pub struct Environment {
    /// The CIDR block of the network. The blocks of all environments are disjoint.
    pub cidr: Cidr,
    /// The NAT gateways of the private subnets.
    pub nat: Nat,
    /// The addresses that can reach the Kubernetes API over the internet.
    pub api_access: Vec<Cidr>,
    /// The instance types of nodes, in order of preference. Images are built for arm64.
    pub nodes: [&'static str; 3],
    /// Whether there are on-demand nodes in addition to Spot nodes.
    pub on_demand: bool,
    /// Whether databases have a standby in another zone.
    pub multi_az: bool,
    /// The instance class of each database.
    pub database: &'static str,
    /// The instance type of each Kafka broker.
    pub broker: &'static str,
    /// The type of each cache node.
    pub cache: &'static str,
    /// The number of cache nodes: a primary and its replicas.
    pub cache_nodes: u8,
    /// The number of pods per service.
    pub scale: Autoscale,
    /// The placement of services that must not be interrupted.
    pub steady: Placement,
    /// The public domain.
    pub domain: &'static str,
    /// Whether users connect through CloudFront.
    pub global: bool,
    /// The version of the services.
    pub version: &'static str,
    /// The branch that the pipelines build.
    pub branch: &'static str,
    /// The address of the person who approves releases. Without one, each build is deployed.
    pub approvers: Option<&'static str>,
    /// The address that receives alarms.
    pub on_call: &'static str,
    /// The retention of container logs in days.
    pub log_days: u16,
    /// The share of requests with a trace.
    pub trace_rate: f64,
    /// The backup schedules of the databases.
    pub backups: Vec<Rule>,
    /// The lock mode of backups.
    pub backup_lock: Option<Lock>,
}

impl Environment {
    /// Returns a small and cheap environment: one NAT gateway, Spot nodes, no standby databases.
    pub fn staging() -> Self {
        Self {
            cidr: Cidr::new("10.20.0.0/16"),
            nat: Nat::Single,
            api_access: vec![Cidr::new("203.0.113.0/24")],
            nodes: ["t4g.large", "m7g.large", "m6g.large"],
            on_demand: false,
            multi_az: false,
            database: "db.t4g.micro",
            broker: "kafka.t3.small",
            cache: "cache.t4g.micro",
            cache_nodes: 1,
            scale: Autoscale::between(2, 4),
            steady: Placement::default(),
            domain: "staging.genai-demo.example.com",
            global: false,
            version: "1.5.0-rc.1",
            branch: "develop",
            approvers: None,
            on_call: "staging@genai-demo.example",
            log_days: 7,
            trace_rate: 1.0,
            backups: vec![Rule::daily(7)],
            backup_lock: None,
        }
    }

    /// Returns an environment that survives the failure of a zone.
    pub fn production() -> Self {
        Self {
            cidr: Cidr::new("10.10.0.0/16"),
            nat: Nat::PerZone,
            api_access: Vec::new(),
            nodes: ["m7g.large", "m6g.large", "c7g.xlarge"],
            on_demand: true,
            multi_az: true,
            database: "db.m7g.large",
            broker: "kafka.m5.large",
            cache: "cache.m7g.large",
            cache_nodes: 2,
            scale: Autoscale::default(),
            steady: Placement::on_demand(),
            domain: "genai-demo.example.com",
            global: true,
            version: "1.4.0",
            branch: "main",
            approvers: Some("releases@genai-demo.example"),
            on_call: "on-call@genai-demo.example",
            log_days: 90,
            trace_rate: 0.05,
            backups: vec![Rule::daily(35), Rule::monthly(365)],
            backup_lock: Some(Lock::Governance { min_retention_days: 7 }),
        }
    }

    /// Returns the account and region of the platform.
    pub fn place(&self) -> Env {
        Env::region("ap-northeast-1")
    }
}
