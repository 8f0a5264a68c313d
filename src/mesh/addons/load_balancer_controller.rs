//! The controller that creates load balancers for Ingresses, Services and Gateways.

use crate::eks::{self, Identity};
use crate::iam::{Grantee, Role, Statement};
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Val};

use super::super::{Chart, HelmRelease, HelmReleaseProps};
use super::{resources, service_account};

const VERSION: &str = "3.5.0";
const NAME: &str = "aws-load-balancer-controller";
/// The port of the controller's webhooks.
const WEBHOOK: u16 = 9_443;
/// The tag that the controller sets on the resources that it creates, and requires on the resources that it changes.
const OWNED_BY: &str = "elbv2.k8s.aws/cluster";
const EC2: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html";
const ELB: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html";

/// The AWS Load Balancer Controller.
///
/// Its role may change only resources with this cluster's tag, and the rules of the cluster's node security group. The
/// role has the permissions that the documentation lists, except those for Cognito, Shield, WAF Classic, Outposts and
/// IPAM. Targets are pods (target type `ip`). Load balancers need an explicit class, so a `Service` without a class
/// does not create one.
///
/// Allows the control plane to connect to the webhook port on the nodes.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// mesh::addons::LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
/// ```
///
/// Source: <https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/docs/install/iam_policy.json>
#[derive(Clone)]
pub struct LoadBalancerController {
    scope: Scope,
    release: HelmRelease,
}

impl LoadBalancerController {
    /// Installs the controller in a cluster.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let role = cluster.service_account_role(&scope, "role", "kube-system", NAME);
        statements(&scope, cluster).into_iter().for_each(|statement| {
            role.allow(statement);
        });
        let annotation = matches!(cluster.identity(), Identity::Irsa).then(|| role.arn().into());
        let values = Bag::default()
            .with("clusterName", cluster.name().to_owned())
            .with("region", scope.region())
            .with("vpcId", cluster.vpc().id())
            .with("serviceAccount", service_account(NAME, annotation))
            .with("replicaCount", 2)
            .with("podDisruptionBudget", Bag::default().with("maxUnavailable", 1))
            .with("resources", resources("100m", "256Mi"))
            .with("defaultTargetType", "ip")
            .with("enableServiceMutatorWebhook", false)
            .with("enableShield", false)
            .with("enableWaf", false)
            .with("enableWafv2", true);
        let chart = Chart::new("https://aws.github.io/eks-charts", NAME, VERSION);
        let props = HelmReleaseProps { values, ..Default::default() };
        let release = HelmRelease::new(&scope, NAME, cluster, chart, props);
        cluster.open_node_port(WEBHOOK, "webhooks of the load balancer controller");
        Self { scope, release }
    }

    /// Returns the Helm release, for dependencies and changes to its values.
    pub fn release(&self) -> &HelmRelease {
        &self.release
    }
}

impl Construct for LoadBalancerController {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns the permissions of the controller, ordered by resource type.
fn statements(scope: &Scope, cluster: &eks::Cluster) -> Vec<Statement> {
    let arn = |service: &str, resource: &str| {
        let here = text!["arn:", scope.partition(), format!(":{service}:{}:", scope.region()), scope.account()];
        text![here, format!(":{resource}")]
    };
    let balancing =
        |names: &[&str]| names.iter().map(|name| format!("elasticloadbalancing:{name}")).collect::<Vec<_>>();
    let ours = |statement: Statement, kind: &str| {
        statement.when("StringEquals", format!("aws:{kind}Tag/{OWNED_BY}"), cluster.name().to_owned())
    };
    // The controller must not change the cluster's tag itself.
    let kept = |statement: Statement| statement.when("Null", format!("aws:RequestTag/{OWNED_BY}"), "true");
    let on = |statement: Statement, resources: &[&str]| {
        resources.iter().fold(statement, |it, resource| it.on(arn("elasticloadbalancing", resource)))
    };
    const BALANCERS: [&str; 2] = ["loadbalancer/app/*", "loadbalancer/net/*"];
    const GROUPS: [&str; 1] = ["targetgroup/*"];
    const LISTENERS: [&str; 4] = ["listener/app/*", "listener/net/*", "listener-rule/app/*", "listener-rule/net/*"];
    let owned = [&BALANCERS[..], &GROUPS[..]].concat();
    let groups = arn("ec2", "security-group/*");
    let node_group: Val<String> = cluster.node_security_group().into();
    let node_group = text![arn("ec2", "security-group/"), node_group];
    vec![
        Statement::allow(["iam:CreateServiceLinkedRole"])
            .on(text![
                "arn:",
                scope.partition(),
                ":iam::",
                scope.account(),
                ":role/aws-service-role/elasticloadbalancing.amazonaws.com/*"
            ])
            .when("StringEquals", "iam:AWSServiceName", "elasticloadbalancing.amazonaws.com"),
        Statement::allow(READS.iter().map(|name| format!("ec2:{name}"))).on_everything(EC2),
        Statement::allow(balancing(&DESCRIBES)).on_everything(ELB),
        Statement::allow(["acm:DescribeCertificate"]).on(arn("acm", "certificate/*")),
        Statement::allow(["acm:ListCertificates"]).on_everything(
            "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html",
        ),
        on(Statement::allow(WEB_ACLS.iter().map(|name| format!("wafv2:{name}"))), &["loadbalancer/app/*/*"])
            .on(arn("wafv2", "regional/webacl/*/*")),
        Statement::allow(balancing(&["SetWebAcl"])).on_everything(ELB),
        // The controller creates separate security groups for load balancers, and adds rules to the node security group
        // for their traffic.
        Statement::allow(["ec2:CreateSecurityGroup"])
            .on(groups.clone())
            .on(text![arn("ec2", "vpc/"), Val::<String>::from(cluster.vpc().id())]),
        ours(Statement::allow(["ec2:CreateTags"]).on(groups.clone()), "Request").when(
            "StringEquals",
            "ec2:CreateAction",
            "CreateSecurityGroup",
        ),
        kept(ours(Statement::allow(["ec2:CreateTags", "ec2:DeleteTags"]).on(groups.clone()), "Resource")),
        ours(Statement::allow(OWN_GROUPS.iter().map(|name| format!("ec2:{name}"))).on(groups), "Resource"),
        Statement::allow(["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]).on(node_group),
        // The controller may change load balancers and target groups only if they have the cluster's tag.
        ours(on(Statement::allow(balancing(&["CreateLoadBalancer", "CreateTargetGroup"])), &owned), "Request"),
        ours(on(Statement::allow(balancing(&["AddTags"])), &owned), "Request").when(
            "StringEquals",
            "elasticloadbalancing:CreateAction",
            vec!["CreateLoadBalancer", "CreateTargetGroup"],
        ),
        kept(ours(on(Statement::allow(balancing(&["AddTags", "RemoveTags"])), &owned), "Resource")),
        ours(on(Statement::allow(balancing(&CHANGES)), &owned), "Resource"),
        on(Statement::allow(balancing(&["RegisterTargets", "DeregisterTargets"])), &GROUPS),
        // The creation of listeners and rules does not support conditions on tags.
        on(Statement::allow(balancing(&LISTENS)), &[&BALANCERS[..], &LISTENERS[..]].concat()),
    ]
}

const READS: [&str; 11] = [
    "DescribeAccountAttributes",
    "DescribeAddresses",
    "DescribeAvailabilityZones",
    "DescribeInstances",
    "DescribeInternetGateways",
    "DescribeNetworkInterfaces",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVpcs",
];

const OWN_GROUPS: [&str; 3] = ["AuthorizeSecurityGroupIngress", "DeleteSecurityGroup", "RevokeSecurityGroupIngress"];

const DESCRIBES: [&str; 13] = [
    "DescribeCapacityReservation",
    "DescribeListenerAttributes",
    "DescribeListenerCertificates",
    "DescribeListeners",
    "DescribeLoadBalancerAttributes",
    "DescribeLoadBalancers",
    "DescribeRules",
    "DescribeSSLPolicies",
    "DescribeTags",
    "DescribeTargetGroupAttributes",
    "DescribeTargetGroups",
    "DescribeTargetHealth",
    "DescribeTrustStores",
];

const WEB_ACLS: [&str; 4] = ["AssociateWebACL", "DisassociateWebACL", "GetWebACL", "GetWebACLForResource"];

const CHANGES: [&str; 8] = [
    "DeleteLoadBalancer",
    "DeleteTargetGroup",
    "ModifyLoadBalancerAttributes",
    "ModifyTargetGroup",
    "ModifyTargetGroupAttributes",
    "SetIpAddressType",
    "SetSecurityGroups",
    "SetSubnets",
];

const LISTENS: [&str; 12] = [
    "AddListenerCertificates",
    "AddTags",
    "CreateListener",
    "CreateRule",
    "DeleteListener",
    "DeleteRule",
    "ModifyListener",
    "ModifyListenerAttributes",
    "ModifyRule",
    "RemoveListenerCertificates",
    "RemoveTags",
    "SetRulePriorities",
];

impl Grantee for LoadBalancerController {
    fn role(&self) -> Role {
        self.scope.child("role").and_then(Role::at).expect("the role is defined with the controller")
    }
}

#[cfg(test)]
mod tests {
    use super::LoadBalancerController;
    use crate::testing::{Platform, stack};
    use crate::{aws, eks};

    fn platform() -> Platform {
        Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
            LoadBalancerController::new(&run, "load-balancer-controller", &cluster);
        })
    }

    #[test]
    fn allows_control_plane_to_reach_webhooks() {
        let platform = platform();
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        assert!(rules.iter().any(|rule| rule.props["FromPort"] == 9443 && rule.props["ToPort"] == 9443));
    }

    #[test]
    fn write_actions_are_limited_to_specific_resources() {
        let platform = platform();
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy =
            policies.iter().find(|it| it.logical_id.starts_with("LoadBalancerController")).expect("its policy");
        for statement in policy.props["PolicyDocument"]["Statement"].as_array().into_iter().flatten() {
            if statement["Resource"] == serde_json::json!(["*"]) {
                let actions = statement["Action"].as_array().into_iter().flatten().filter_map(|it| it.as_str());
                let changes: Vec<_> = actions.filter(|it| !it.contains(":Describe") && !it.contains(":List")).collect();
                assert!(changes.is_empty() || changes == ["elasticloadbalancing:SetWebAcl"], "{changes:?}");
            }
        }
    }

    #[test]
    fn sets_region_and_vpc_of_controller() {
        let platform = platform();
        let values = &platform.assembly.files["helm/run-cluster/aws-load-balancer-controller.values.yaml"];
        assert!(values.contains("region: ap-northeast-1") && values.contains("vpcId: ${run/vpc.VpcId}"), "{values}");
    }
}
