//! Bare Kafka clusters, each defined from a typed resource.

use super::authentication::Authentication;
use super::cluster::{Bootstrap, Cluster, Network};
use crate::Resource;
use crate::aws::data;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::msk;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{Data, Val, Value};

impl Cluster {
    /// Defines a bare cluster, without a configuration, a security group, logs or a key.
    ///
    /// The authentication and the number of brokers are read from the typed resource. If they are stack parameters
    /// there, pass the parameter values to [`Cluster::with_authentication`] and [`Cluster::with_brokers`].
    /// [`Cluster::with_network`] sets the VPC.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation requires the VPC, the number of brokers or the authentication, but it is missing.
    ///   Relations do not support clients without authentication.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, aws, cfn, msk, testing};
    /// # use meshsynth::cfn::msk::cluster as shape;
    /// # use meshsynth::tree::Construct;
    /// # let app = App::new("shop");
    /// # let orders = testing::workload(&app);
    /// # let data = orders.scope().stack();
    /// # let vpc = orders.namespace().cluster().vpc();
    /// let group = aws::SecurityGroup::new(&data, "events-group", vpc, "The brokers");
    /// let subnets = vpc.subnet_ids(aws::vpc::Tier::Private);
    /// let nodes = shape::BrokerNodeGroupInfo::new(subnets, "kafka.m7g.large").security_groups([group.id()]);
    /// let by_iam = shape::Sasl::new().iam(shape::Iam::new(true));
    /// let events = cfn::msk::Cluster::new(nodes, "shop-events", "3.9.x.kraft", 3)
    ///     .client_authentication(shape::ClientAuthentication::new().sasl(by_iam));
    /// let events = msk::Cluster::bare(&data, "events", events).with_network(vpc, &group);
    /// events.resource().logical_id("Events").retain();
    /// events.allow_from(&orders);
    /// events.topic("orders").grant_produce(&orders);
    /// assert_eq!((events.port(), events.n_brokers()), (9098, 3));
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, cluster: msk::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let said = cluster.clone().into_data();
        let cluster = cluster.define(&scope, "resource");
        scope.diagram(DiagramNode::new("kafka").detail("MSK"));
        let arn = cluster.arn();
        Self {
            name: said.at("ClusterName").and_then(text).unwrap_or_else(|| arn.clone().piece("/", 1)),
            authentication: authentication(&said),
            brokers: said.at("NumberOfBrokerNodes").and_then(number),
            bootstrap: Bootstrap::LookedUp(cluster),
            network: None,
            scope,
            arn,
        }
    }

    /// Returns the resource of the cluster, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<msk::Cluster> {
        Resource::of(self, "resource")
    }

    /// Sets the VPC of a bare cluster, and the security group that accepts its clients.
    #[must_use]
    pub fn with_network(self, vpc: &Vpc, security_group: &SecurityGroup) -> Self {
        data::diagram(&self.scope, vpc, "kafka", "MSK".to_owned());
        let network = Network { vpc: vpc.clone(), security_group: security_group.clone(), cidrs: data::blocks(vpc) };
        Self { network: Some(network), ..self }
    }

    /// Sets the authentication of a bare cluster, if its resource uses a parameter. [`Cluster::allow_from`] allows
    /// connections to the port of the first mechanism.
    #[must_use]
    pub fn with_authentication(self, ways: impl IntoIterator<Item = Authentication>) -> Self {
        Self { authentication: Some(ways.into_iter().collect()), ..self }
    }

    /// Sets the number of brokers of a bare cluster, if its resource uses a parameter.
    #[must_use]
    pub fn with_brokers(self, n_brokers: u32) -> Self {
        Self { brokers: Some(n_brokers), ..self }
    }

    /// Adds a bare topic to the cluster. [`Cluster::topic`] provides grants on it.
    #[track_caller]
    pub fn add_topic_with(&self, id: &str, topic: msk::Topic) -> Resource<msk::Topic> {
        topic.define(self, id)
    }
}

/// Returns the authentication mechanisms that a resource enables, or `None` if it enables no supported mechanism.
fn authentication(said: &Data) -> Option<Vec<Authentication>> {
    let wanted = said.at("ClientAuthentication")?;
    let is_on = |path: &str| wanted.at(path).is_some_and(|it| *it == Data::Bool(true) || it.as_str() == Some("true"));
    let authorities = || {
        let arns = wanted.at("Tls.CertificateAuthorityArnList").map(Data::items).unwrap_or_default();
        Authentication::Tls(arns.iter().filter_map(text).collect())
    };
    // A cluster with certificate authorities uses mutual TLS even if `Enabled` is missing.
    let has_authorities = wanted.at("Tls.CertificateAuthorityArnList").is_some_and(|it| !it.items().is_empty());
    let ways: Vec<Authentication> = [
        is_on("Sasl.Iam.Enabled").then_some(Authentication::Iam),
        is_on("Sasl.Scram.Enabled").then_some(Authentication::Scram),
        (is_on("Tls.Enabled") || has_authorities && wanted.at("Tls.Enabled").is_none()).then(authorities),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!ways.is_empty()).then_some(ways)
}

fn text(value: &Data) -> Option<Val<String>> {
    match value {
        Data::Text(text) => Some(Val::Known(text.to_string())),
        Data::Deferred(value) => Some(Val::Deferred((**value).clone())),
        _ => None,
    }
}

fn number(value: &Data) -> Option<u32> {
    match value {
        Data::Int(number) => u32::try_from(*number).ok(),
        Data::Text(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::App;
    use crate::cfn::ids::SubnetId;
    use crate::cfn::msk::cluster as shape;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::msk::TopicProps;
    use crate::testing::{codes, stack, workload};

    fn events(app: &App, sasl: shape::Sasl) -> Cluster {
        let subnets = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"].map(SubnetId::new);
        let nodes = shape::BrokerNodeGroupInfo::new(subnets, "kafka.m7g.large");
        let cluster = msk::Cluster::new(nodes, "events", "3.9.x.kraft", 2)
            .client_authentication(shape::ClientAuthentication::new().sasl(sasl));
        Cluster::bare(&stack(app, "data"), "events", cluster)
    }

    fn by_iam() -> shape::Sasl {
        shape::Sasl::new().iam(shape::Iam::new(true))
    }

    fn n_missing(build: impl Fn(&App)) -> usize {
        codes(build).iter().filter(|code| **code == "MS0318").count()
    }

    #[test]
    fn topic_grant_does_not_require_the_network() {
        let found = n_missing(|app| {
            let events = events(app, by_iam());
            assert_eq!((events.port(), events.n_brokers(), events.name()), (9098, 2, Val::from("events")));
            let role = Role::new(&events, "writer", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            events.add_topic("orders", TopicProps::default()).grant_produce(&role);
        });
        assert_eq!(found, 0);
    }

    #[test]
    fn reports_missing_inputs_of_relations() {
        assert_eq!(n_missing(|app| drop(events(app, by_iam()).endpoints())), 1);
        assert_eq!(n_missing(|app| events(app, by_iam()).allow_from(&workload(app))), 1);
        assert_eq!(n_missing(|app| drop(events(app, shape::Sasl::new()).brokers())), 1);
        assert_eq!(n_missing(|app| drop(events(app, by_iam()).topic("orders").by_iam())), 1);
        let scram = |app: &App| events(app, shape::Sasl::new()).with_authentication([Authentication::Scram]);
        assert_eq!(n_missing(|app| assert_eq!(scram(app).port(), 9096)), 0);
    }
}
