//! Imports of existing brokers.

use crate::aws::security::GROUP;
use crate::cfn::ids::SecurityGroupId;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::units::Cidr;
use crate::val::Val;

use super::{Broker, Engine};

/// An existing broker.
#[derive(Clone)]
pub struct ExistingBroker {
    /// Its name.
    pub name: String,
    /// The broker engine.
    pub engine: Engine,
    /// The URLs for clients, such as `amqps://b-1234.mq.eu-west-1.amazonaws.com:5671`.
    pub urls: Vec<Val<String>>,
    /// The secret with the fields `username` and `password`.
    pub secret: crate::Secret,
    /// Its security group.
    pub security_group: Val<SecurityGroupId>,
    /// The CIDR blocks of its subnets.
    pub cidrs: Vec<Cidr>,
}

impl Broker {
    /// Refers to an existing broker in a VPC.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the ID of a security group.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Cidr, Env, Secret, Stack, cfn::ids::SecurityGroupId};
    /// use meshsynth::mq::{Broker, Engine, ExistingBroker};
    ///
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "queues", Env::region("ap-northeast-1"));
    /// let rabbit = Broker::import(&data, "rabbit", ExistingBroker {
    ///     name: "rabbit".into(),
    ///     engine: Engine::RabbitMq,
    ///     urls: vec!["amqps://b-1234.mq.eu-west-1.amazonaws.com:5671".into()],
    ///     secret: Secret::new("arn:aws:secretsmanager:eu-west-1:111122223333:secret:rabbit-AbCdEf"),
    ///     security_group: SecurityGroupId::new("sg-0123456789abcdef0").into(),
    ///     cidrs: vec![Cidr::new("10.0.128.0/20")],
    /// });
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingBroker) -> Self {
        let scope = scope.scope().construct(id);
        GROUP.check(&scope, &existing.security_group);
        scope.diagram(DiagramNode::new("broker").detail("Amazon MQ, exists already"));
        let urls = existing.urls.into_iter().map(|url| scope.read_here(url)).collect();
        Self {
            name: existing.name,
            engine: existing.engine,
            urls: Val::Known(urls),
            secret: existing.secret,
            security_group: scope.read_here(existing.security_group),
            cidrs: existing.cidrs,
            scope,
        }
    }
}
