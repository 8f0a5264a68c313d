//! Aurora clusters in several regions.

use super::cluster::{self, Cluster, ClusterProps, Role};
use super::{AuroraEngine, Login};
use crate::Resource;
use crate::aws::data;
use crate::aws::secrets::{Secret, SecretProps};
use crate::aws::vpc::Vpc;
use crate::cfn::rds;
use crate::node::Kind;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// An Aurora global cluster. The primary cluster accepts writes. Secondary clusters in other regions replicate it with
/// a delay of about one second.
///
/// Defines the global cluster and its primary cluster, at `<id>/primary`. RDS does not manage the password of a global
/// cluster. Without a [`Login::Secret`], the construct defines a secret at `<id>/login`, only in the region of the
/// primary cluster. For serverless capacity, AWS recommends at least 8 ACUs, so that a secondary cluster can replicate
/// all writes and become the primary cluster.
///
/// To fail over to another region, use an RDS command. A template change cannot do this.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, rds};
/// # let app = App::new("shop");
/// # let tokyo = Stack::new(&app, "data-tokyo", Env::region("ap-northeast-1"));
/// # let osaka = Stack::new(&app, "data-osaka", Env::region("ap-northeast-3"));
/// # let tokyo_vpc = aws::Vpc::new(&tokyo, "vpc", aws::VpcProps::default());
/// # let osaka_vpc = aws::Vpc::new(&osaka, "vpc", aws::VpcProps::default());
/// let orders = rds::GlobalCluster::new(&tokyo, "orders", &tokyo_vpc, rds::ClusterProps {
///     capacity: rds::Capacity::Serverless { min: 8.0, max: 32.0 },
///     ..Default::default()
/// });
/// let copy = orders.add_secondary(&osaka, "orders", &osaka_vpc, rds::ClusterProps {
///     capacity: rds::Capacity::Serverless { min: 8.0, max: 32.0 },
///     instances: 1,
///     ..Default::default()
/// });
/// let (writes, reads) = (orders.primary().address(), copy.reader_address());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-globalcluster.html>
#[derive(Clone)]
pub struct GlobalCluster {
    scope: Scope,
    global: Resource<rds::GlobalCluster>,
    primary: Cluster,
    engine: AuroraEngine,
}

impl GlobalCluster {
    /// Defines a global cluster with its primary cluster in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, mut props: ClusterProps) -> Self {
        let scope = scope.scope().construct(id);
        let global = rds::GlobalCluster::new()
            .global_cluster_identifier(data::physical_name(&scope, 63))
            .engine(props.engine.of_global_cluster())
            .engine_version(props.engine.version())
            .storage_encrypted(true)
            .deletion_protection(props.deletion_protection)
            .define(&scope, "resource");
        global.retain();
        if matches!(props.login, Login::Managed) {
            props.login = Login::Secret(own_login(&scope, &mut props));
        }
        props.database.get_or_insert_with(|| super::server::database_name(&scope));
        let engine = props.engine.clone();
        let primary = Cluster::define(scope.construct("primary"), vpc, props, Role::Primary(global.reference()));
        primary.scope().relabel(scope.path().rsplit('/').next().unwrap_or_default());
        Self { scope, global, primary, engine }
    }

    /// Returns the primary cluster, which accepts the writes.
    pub fn primary(&self) -> &Cluster {
        &self.primary
    }

    /// Returns the identifier of the global cluster.
    pub fn identifier(&self) -> Val<String> {
        self.global.reference()
    }

    /// Defines a secondary cluster in another region.
    ///
    /// The secondary cluster has the version, the database and the users of the primary cluster, independent of
    /// `props`. It has a key in its own region. Its stack is deployed after the stack of the primary cluster.
    #[track_caller]
    pub fn add_secondary(&self, scope: &impl Construct, id: &str, vpc: &Vpc, props: ClusterProps) -> Cluster {
        let scope = scope.scope().construct(id);
        let (stack, home) = (scope.stack(), self.primary.scope().stack().node());
        if stack.node() != home {
            stack.change(|node| {
                if let Kind::Stack(stack) = &mut node.kind {
                    stack.depends_on.push(home);
                }
            });
        }
        let props = ClusterProps { engine: self.engine.clone(), ..props };
        self.primary.scope().replicates_to(&scope);
        Cluster::define(scope, vpc, props, Role::Secondary(self.global.reference(), &self.primary))
    }
}

impl Construct for GlobalCluster {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Defines the login secret of a global cluster without a given secret. It uses the key of the primary
/// cluster.
#[track_caller]
fn own_login(scope: &Scope, props: &mut ClusterProps) -> Secret {
    let key = data::key_or_own(scope, props.key.clone());
    props.key = Some(key.clone());
    let props = SecretProps {
        description: format!("Master user of {}", scope.path()),
        key: Some(key),
        fields: vec![("username".to_owned(), cluster::user(props))],
        ..SecretProps::default()
    };
    Secret::new(scope, "login", props)
}

#[cfg(test)]
mod tests {
    use super::GlobalCluster;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::rds::ClusterProps;
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack, aws};

    fn platform() -> Platform {
        Platform::synth("shop", |app| {
            let tokyo = stack(app, "tokyo");
            let vpc = aws::Vpc::new(&tokyo, "vpc", aws::VpcProps::default());
            let orders = GlobalCluster::new(&tokyo, "orders", &vpc, ClusterProps::default());
            let osaka = Stack::new(app, "osaka", Env::new("111122223333", "ap-northeast-3"));
            let vpc = aws::Vpc::new(&osaka, "vpc", aws::VpcProps::default());
            let copy =
                orders.add_secondary(&osaka, "orders", &vpc, ClusterProps { instances: 1, ..Default::default() });
            let role = Role::new(&osaka, "reports", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            copy.grant_connect(&role, "reports");
        })
    }

    fn cluster<'a>(platform: &'a Platform, stack: &str) -> &'a serde_json::Value {
        let clusters = platform.resources("AWS::RDS::DBCluster");
        clusters.into_iter().find(|it| it.template.starts_with(stack)).unwrap().props
    }

    #[test]
    fn secondary_inherits_users_of_primary_with_secret() {
        let platform = platform();
        let primary = cluster(&platform, "tokyo");
        let password = primary["MasterUserPassword"].to_string();
        assert!(password.contains("{{resolve:secretsmanager:"), "{password}");
        assert!(primary.get("ManageMasterUserPassword").is_none() && primary["DatabaseName"] == "orders");
        let secondary = cluster(&platform, "osaka");
        for property in ["MasterUsername", "MasterUserPassword", "ManageMasterUserPassword", "DatabaseName"] {
            assert!(secondary.get(property).is_none(), "{property}");
        }
    }

    #[test]
    fn both_members_use_a_key_of_their_region() {
        let platform = platform();
        let (primary, secondary) = (cluster(&platform, "tokyo"), cluster(&platform, "osaka"));
        assert!(primary["GlobalClusterIdentifier"]["Ref"].is_string());
        assert_eq!(secondary["GlobalClusterIdentifier"]["Fn::GetStackOutput"]["Region"], "ap-northeast-1");
        assert_eq!(secondary["SourceRegion"], "ap-northeast-1");
        assert!(primary["KmsKeyId"]["Fn::GetAtt"].is_array() && secondary["KmsKeyId"]["Fn::GetAtt"].is_array());
        assert_eq!(primary["EngineVersion"], secondary["EngineVersion"]);
    }

    #[test]
    fn connect_grant_on_secondary_uses_the_region_of_the_secondary() {
        let platform = platform();
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy = policies.iter().find(|it| it.logical_id.starts_with("Reports")).unwrap().props.to_string();
        assert!(policy.contains(":rds-db:ap-northeast-3:"), "{policy}");
    }
}
