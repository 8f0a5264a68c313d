//! Amazon MQ brokers, their users and their networks.

use crate::Resource;
use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::kms::Key;
use crate::aws::policy::own_arn;
use crate::aws::secrets::{self, Secret, SecretProps};
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::amazonmq;
use crate::cfn::amazonmq::broker as shape;
use crate::cfn::ids::SecurityGroupId;
use crate::cfn::logs;
use crate::diag::Diagnostic;
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Data, List, Val};

/// The engine of a broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// RabbitMQ, with AMQP 0-9-1.
    #[default]
    RabbitMq,
    /// ActiveMQ Classic, with OpenWire.
    ActiveMq,
}

impl Engine {
    fn word(self) -> &'static str {
        match self {
            Engine::RabbitMq => "RABBITMQ",
            Engine::ActiveMq => "ACTIVEMQ",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Engine::RabbitMq => "RabbitMQ",
            Engine::ActiveMq => "ActiveMQ",
        }
    }

    /// Returns the TLS port of the engine's protocol.
    pub(super) fn port(self) -> u16 {
        match self {
            Engine::RabbitMq => 5671,
            Engine::ActiveMq => 61_617,
        }
    }

    /// Returns a current version that AWS supports.
    ///
    /// Source: <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-version-management.html>
    fn version(self) -> &'static str {
        match self {
            Engine::RabbitMq => "3.13",
            Engine::ActiveMq => "5.18",
        }
    }
}

/// Properties of a [`Broker`].
#[derive(Clone)]
pub struct BrokerProps {
    /// The broker engine. Default: RabbitMQ.
    pub engine: Engine,
    /// The engine version, without the patch version, which AWS selects. Default: a supported version.
    pub engine_version: Option<String>,
    /// The instance type of its nodes. Default: `mq.m5.large`.
    pub instance_type: String,
    /// Whether it tolerates the failure of a zone, with three RabbitMQ nodes or an ActiveMQ standby. Default: yes.
    pub multi_az: bool,
    /// The name of its user. Default: `app`.
    pub user: String,
    /// The weekday and the time of the maintenance window, in UTC. Default: `SUNDAY`, `04:00`.
    pub maintenance: (String, String),
    /// The key that encrypts the password, and the messages of ActiveMQ. RabbitMQ encrypts messages with a key that the
    /// service owns. Default: a separate key.
    pub key: Option<Key>,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for BrokerProps {
    fn default() -> Self {
        Self {
            engine: Engine::default(),
            engine_version: None,
            instance_type: "mq.m5.large".to_owned(),
            multi_az: true,
            user: "app".to_owned(),
            maintenance: ("SUNDAY".to_owned(), "04:00".to_owned()),
            key: None,
            on_delete: OnDelete::Retain,
        }
    }
}

/// An Amazon MQ broker in the isolated subnets of a VPC.
///
/// Defines the broker, its security group, its user with a generated password in Secrets Manager, and its key unless
/// one is given. The broker has no public address, uses only TLS, and writes its logs to CloudWatch. If the VPC has no
/// isolated subnets, the private subnets are used.
///
/// # Diagnostics
///
/// - `MS0339`: the VPC has too few zones for a multi-zone broker.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, mq, testing};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "queues", Env::region("ap-northeast-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// # let orders = testing::workload(&app);
/// let rabbit = mq::Broker::new(&data, "rabbit", &vpc, mq::BrokerProps::default());
/// rabbit.allow_from(&orders);
/// orders.env("AMQP_URL", rabbit.url()); // amqps://<broker>:5671, without the user
/// orders.env_secret("AMQP_PASSWORD", &rabbit.secret().field("password"));
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-amazonmq-broker.html>
#[derive(Clone)]
pub struct Broker {
    pub(super) scope: Scope,
    pub(super) name: String,
    pub(super) engine: Engine,
    pub(super) urls: Val<List<String>>,
    pub(super) secret: crate::Secret,
    pub(super) security_group: Val<SecurityGroupId>,
    pub(super) cidrs: Vec<Cidr>,
}

impl Broker {
    /// Defines a broker in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: BrokerProps) -> Self {
        let scope = scope.scope().construct(id);
        let (name, engine) = (data::physical_name(&scope, 50), props.engine);
        let tier = data::tier(vpc);
        let n_subnets = n_subnets(&scope, &props, vpc.subnet_ids(tier).len());
        let subnets: Vec<Val<String>> = vpc.subnet_ids(tier).into_iter().take(n_subnets).map(Val::into_text).collect();
        let key = data::key_or_own(&scope, props.key.clone());
        let group = SecurityGroup::answering(&scope, "security-group", vpc, &format!("Broker {}", scope.path()));
        let login = login(&scope, &props, &key);
        let secret = login.secret();
        let user = Bag::default()
            .with("Username", Data::from(secret.field("username")))
            .with("Password", Data::from(secret.field("password")));
        // Only ActiveMQ has an audit log.
        let logs = shape::LogList::new().general(true);
        let logs = if engine == Engine::ActiveMq { logs.audit(true) } else { logs };
        let mode = match (engine, props.multi_az) {
            (_, false) => "SINGLE_INSTANCE",
            (Engine::RabbitMq, true) => "CLUSTER_MULTI_AZ",
            (Engine::ActiveMq, true) => "ACTIVE_STANDBY_MULTI_AZ",
        };
        let (day, hour) = props.maintenance;
        let broker = amazonmq::Broker::new(name.clone(), mode, engine.word(), props.instance_type, false)
            .engine_version(props.engine_version.unwrap_or_else(|| engine.version().to_owned()))
            .auto_minor_version_upgrade(true)
            .logs(logs)
            .maintenance_window_start_time(shape::MaintenanceWindow::new(day, hour, "UTC"))
            .security_groups([group.id()])
            .subnet_ids(subnets)
            .raw("Users", vec![Data::from(user)]);
        // RabbitMQ does not support customer managed keys. The service encrypts messages with its own key.
        let broker = match engine {
            Engine::RabbitMq => broker,
            Engine::ActiveMq => broker
                .encryption_options(shape::EncryptionOptions::new(false).kms_key_id(Val::<String>::from(key.arn()))),
        };
        let broker = broker.define(&scope, "resource");
        broker.on_delete(props.on_delete);
        if engine == Engine::ActiveMq {
            broker.depends_on(&log_policy(&scope));
        }
        let standby = if props.multi_az { ", several zones" } else { "" };
        data::diagram(&scope, vpc, "broker", format!("{}{standby}", engine.name()));
        let urls = match engine {
            Engine::RabbitMq => broker.amqp_endpoints(),
            Engine::ActiveMq => broker.open_wire_endpoints(),
        };
        let cidrs = vpc.subnet_cidrs(tier).into_iter().take(n_subnets).collect();
        Self { name, engine, urls, secret, security_group: group.id(), cidrs, scope }
    }

    /// Returns the name of the broker.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the engine of the broker.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Returns the URLs for clients, without a user. A RabbitMQ broker has one URL. An ActiveMQ broker has one URL for
    /// each node, and the URLs are separated by commas.
    pub fn url(&self) -> Val<String> {
        self.urls.join(",")
    }

    /// Returns the secret of its user, with the fields `username` and `password`.
    pub fn secret(&self) -> crate::Secret {
        self.secret.clone()
    }

    /// Returns the network endpoint of the broker.
    pub fn endpoint(&self) -> Endpoint {
        let (security_group, port) = (self.security_group.clone(), self.engine.port());
        Endpoint { owner: self.scope.clone(), security_group, port, cidrs: self.cidrs.clone() }
    }

    /// Lets a client connect.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        self.endpoint().allow_from(client);
    }

    /// Lets the grantee read the name and the password of the user.
    #[track_caller]
    pub fn grant_read_secret(&self, grantee: &impl Grantee) {
        grantee.role().grant(grantee, &self.scope, secrets::read_statement(&self.secret));
        if let Some(statement) = secrets::decrypt_statement(&self.secret) {
            grantee.role().grant(grantee, &self.scope, statement);
        }
    }
}

impl Construct for Broker {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns the number of subnets for the broker.
#[track_caller]
fn n_subnets(scope: &Scope, props: &BrokerProps, available: usize) -> usize {
    let wanted = match (props.engine, props.multi_az) {
        (_, false) => 1,
        (Engine::ActiveMq, true) => 2,
        (Engine::RabbitMq, true) => 3.min(available.max(2)),
    };
    if available < wanted {
        let message = format!("the broker requires {wanted} availability zones, but the network has {available}");
        scope.report(Diagnostic::error("MS0339", message).help("use `multi_az: false`, or a network with more zones"));
    }
    wanted.min(available)
}

/// Defines the secret of the user. ActiveMQ passwords must not contain commas, colons or equals signs.
fn login(scope: &Scope, props: &BrokerProps, key: &Key) -> Secret {
    let usual = SecretProps::default();
    Secret::new(
        scope,
        "login",
        SecretProps {
            description: format!("The user of {}", scope.path()),
            key: Some(key.clone()),
            fields: vec![("username".to_owned(), props.user.clone())],
            exclude: format!("{},=", usual.exclude),
            ..usual
        },
    )
}

/// Defines the CloudWatch Logs resource policy for ActiveMQ, once for each stack. RabbitMQ uses a service-linked role
/// instead.
///
/// Source: <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/security-logging-monitoring-configure-cloudwatch.html>
fn log_policy(scope: &Scope) -> Resource<logs::ResourcePolicy> {
    let stack = scope.stack();
    let policy = stack.singleton("mq-log-policy", || {
        let statement = Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"])
            .on(own_arn(&stack, "logs", "log-group:/aws/amazonmq/*"))
            .when("StringEquals", "aws:SourceAccount", stack.account())
            .into_data(Some(Bag::default().with("Service", "mq.amazonaws.com")));
        let document = Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement]);
        let name = format!("{}-mq", data::physical_name(&stack, 200));
        logs::ResourcePolicy::new(document, name).define(&stack, "mq-log-policy").scope().clone()
    });
    Resource::at(policy)
}

#[cfg(test)]
mod tests {
    use super::{Broker, BrokerProps, Engine};
    use crate::aws::{Vpc, VpcProps};
    use crate::testing::{Platform, stack};

    fn platform(props: BrokerProps) -> Platform {
        Platform::synth("shop", |app| {
            let data = stack(app, "queues");
            let vpc = Vpc::new(&data, "vpc", VpcProps::default());
            Broker::new(&data, "broker", &vpc, props);
        })
    }

    #[test]
    fn rabbitmq_is_private_and_references_its_password() {
        let platform = platform(BrokerProps::default());
        let broker = platform.resource("AWS::AmazonMQ::Broker");
        assert_eq!(
            (&broker.props["DeploymentMode"], &broker.props["PubliclyAccessible"]),
            (&"CLUSTER_MULTI_AZ".into(), &false.into())
        );
        assert_eq!(broker.props["SubnetIds"].as_array().map(Vec::len), Some(3));
        assert!(
            broker.props["Users"][0]["Password"].to_string().contains("resolve:secretsmanager"),
            "{}",
            broker.props
        );
        assert_eq!(broker.entry["UpdateReplacePolicy"], "Retain");
    }

    #[test]
    fn activemq_has_audit_log() {
        let platform = platform(BrokerProps { engine: Engine::ActiveMq, ..BrokerProps::default() });
        let broker = platform.resource("AWS::AmazonMQ::Broker");
        assert_eq!(broker.props["Logs"]["Audit"], true);
        assert_eq!(broker.props["SubnetIds"].as_array().map(Vec::len), Some(2));
        assert!(platform.resource("AWS::Logs::ResourcePolicy").props.to_string().contains("mq.amazonaws.com"));
    }
}
