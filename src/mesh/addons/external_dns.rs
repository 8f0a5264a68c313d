//! ExternalDNS, which manages DNS records for the hosts of Ingresses and Services.

use crate::eks::{self, Identity};
use crate::iam::Statement;
use crate::route53::HostedZone;
use crate::tree::{Construct, Scope};
use crate::val::Bag;

use super::super::{Chart, HelmRelease, HelmReleaseProps};
use super::{resources, service_account};

const VERSION: &str = "1.21.1";
const NAME: &str = "external-dns";
const ROUTE_53: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html";

/// ExternalDNS. For each host of an Ingress or an annotated Service, it creates a DNS record of the load balancer.
///
/// Use it for load balancers that the AWS Load Balancer Controller creates, because CloudFormation does not manage
/// them. For records that a stack defines, use [`route53::Record`](crate::route53::Record). The role of ExternalDNS may
/// change records of only one hosted zone. ExternalDNS changes only records that it created itself, which it identifies
/// by TXT records.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh, route53};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// let zone = route53::HostedZone::public(&stack, "zone", "shop.example.com", Default::default());
/// mesh::addons::ExternalDns::new(&stack, "external-dns", &cluster, &zone);
/// ```
///
/// Source: <https://github.com/kubernetes-sigs/external-dns/tree/external-dns-helm-chart-1.21.1/charts/external-dns>
#[derive(Clone)]
pub struct ExternalDns {
    scope: Scope,
}

impl ExternalDns {
    /// Installs ExternalDNS in a cluster, for one hosted zone.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster, zone: &HostedZone) -> Self {
        Self::with(scope.scope(), id, cluster, zone, vec!["ingress"])
    }

    /// Installs ExternalDNS in a cluster of a mesh, for one hosted zone. It also manages the hosts of Istio's gateways.
    #[track_caller]
    pub fn of_gateways(scope: &impl Construct, id: &str, cluster: &eks::Cluster, zone: &HostedZone) -> Self {
        Self::with(scope.scope(), id, cluster, zone, vec!["ingress", "istio-gateway"])
    }

    #[track_caller]
    fn with(scope: &Scope, id: &str, cluster: &eks::Cluster, zone: &HostedZone, sources: Vec<&'static str>) -> Self {
        let scope = scope.construct(id);
        let role = cluster.service_account_role(&scope, "role", "kube-system", NAME);
        role.allow(
            Statement::allow(["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]).on(zone.arn()),
        );
        role.allow(Statement::allow(["route53:ListHostedZones"]).on_everything(ROUTE_53));
        role.allow(Statement::allow(["route53:ListTagsForResources"]).on(zone.arn()));
        let annotation = matches!(cluster.identity(), Identity::Irsa).then(|| role.arn().into());
        let values = Bag::default()
            .with("provider", Bag::default().with("name", "aws"))
            .with("sources", sources)
            .with("domainFilters", vec![zone.domain().to_owned()])
            .with("policy", "sync")
            .with("registry", "txt")
            .with("txtOwnerId", cluster.name().to_owned())
            .with("env", vec![Bag::default().with("name", "AWS_REGION").with("value", scope.region())])
            .with("serviceAccount", service_account(NAME, annotation))
            .with("resources", resources("50m", "64Mi"));
        let chart = Chart::new("https://kubernetes-sigs.github.io/external-dns/", NAME, VERSION);
        HelmRelease::new(&scope, NAME, cluster, chart, HelmReleaseProps { values, ..Default::default() });
        Self { scope }
    }
}

impl Construct for ExternalDns {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::ExternalDns;
    use crate::route53::HostedZone;
    use crate::testing::{Platform, stack};
    use crate::{aws, eks};

    #[test]
    fn changes_only_records_of_its_zone() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
            let zone = HostedZone::public(&stack(app, "edge"), "zone", "shop.example.com", Default::default());
            ExternalDns::new(&run, "external-dns", &cluster, &zone);
        });
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy = policies.iter().find(|it| it.logical_id.starts_with("ExternalDns")).expect("its policy");
        for statement in policy.props["PolicyDocument"]["Statement"].as_array().into_iter().flatten() {
            let is_listing = statement["Action"] == serde_json::json!(["route53:ListHostedZones"]);
            assert_eq!(statement["Resource"] == serde_json::json!(["*"]), is_listing, "{statement}");
        }
        let values = &platform.assembly.files["helm/run-cluster/external-dns.values.yaml"];
        assert!(values.contains("shop.example.com") && values.contains("${run/external-dns/role.Arn}"), "{values}");
    }
}
