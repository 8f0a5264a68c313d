//! Endpoints: AWS services that are reached without leaving the network.

use crate::aws::SecurityGroup;
use crate::aws::iam::Api;
use crate::cfn::ec2;
use crate::cfn::ec2::vpc_endpoint::{Tag, VpcEndpointType};
use crate::cfn::ids::SecurityGroupId;
use crate::name;
use crate::val::Val;

use super::{Tier, Vpc, display_name};

/// An AWS service with an endpoint in the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Service {
    /// Amazon S3, by a gateway that costs nothing; image layers of ECR come from there.
    S3,
    /// Amazon DynamoDB, by a gateway that costs nothing.
    DynamoDb,
    /// The API of Amazon ECR.
    EcrApi,
    /// The registry of Amazon ECR.
    EcrDkr,
    /// AWS STS: what IRSA asks for credentials.
    Sts,
    /// AWS Systems Manager: parameters.
    Ssm,
    /// AWS Secrets Manager.
    SecretsManager,
    /// Amazon CloudWatch Logs.
    Logs,
    /// Amazon CloudWatch metrics.
    Monitoring,
    /// AWS KMS.
    Kms,
    /// The API of Amazon EC2.
    Ec2,
    /// The API of Amazon EKS.
    Eks,
    /// The credentials of EKS Pod Identity.
    EksAuth,
    /// Elastic Load Balancing.
    LoadBalancing,
    /// Amazon SQS.
    Sqs,
    /// AWS X-Ray.
    XRay,
    /// Any other that has an interface endpoint, by the end of its service name, such as `sns`.
    Other(String),
}

impl Service {
    /// What nearly every cluster calls all day.
    pub(super) fn usual() -> Vec<Service> {
        use Service::*;
        vec![S3, EcrApi, EcrDkr, Sts, Ssm, SecretsManager, Logs]
    }

    /// Returns the end of the service's name, such as `ecr.api`.
    pub(super) fn word(&self) -> &str {
        match self {
            Service::S3 => "s3",
            Service::DynamoDb => "dynamodb",
            Service::EcrApi => "ecr.api",
            Service::EcrDkr => "ecr.dkr",
            Service::Sts => "sts",
            Service::Ssm => "ssm",
            Service::SecretsManager => "secretsmanager",
            Service::Logs => "logs",
            Service::Monitoring => "monitoring",
            Service::Kms => "kms",
            Service::Ec2 => "ec2",
            Service::Eks => "eks",
            Service::EksAuth => "eks-auth",
            Service::LoadBalancing => "elasticloadbalancing",
            Service::Sqs => "sqs",
            Service::XRay => "xray",
            Service::Other(word) => word,
        }
    }

    /// Returns the service of a word, such as `sqs`.
    pub(super) fn of(word: &str) -> Service {
        use Service::*;
        let known = [
            S3,
            DynamoDb,
            EcrApi,
            EcrDkr,
            Sts,
            Ssm,
            SecretsManager,
            Logs,
            Monitoring,
            Kms,
            Ec2,
            Eks,
            EksAuth,
            LoadBalancing,
            Sqs,
            XRay,
        ];
        known.into_iter().find(|it| it.word() == word).unwrap_or_else(|| Other(word.to_owned()))
    }

    /// Returns the service as a program writes it, such as `Service::Sqs`.
    pub(super) fn written(&self) -> String {
        match self {
            Service::Other(word) => format!("Service::Other(\"{word}\".to_owned())"),
            known => format!("Service::{known:?}"),
        }
    }

    fn is_gateway(&self) -> bool {
        matches!(self, Service::S3 | Service::DynamoDb)
    }
}

/// Defines the endpoints. Those with an interface stand in the private tier, or in the isolated one.
pub(super) fn define(vpc: &Vpc, services: &[Service]) {
    let mut services = services.to_vec();
    services.sort();
    services.dedup();
    let (gateways, interfaces): (Vec<_>, Vec<_>) = services.into_iter().partition(Service::is_gateway);
    gateways.iter().chain(&interfaces).for_each(|service| add(vpc, service));
}

/// Defines the endpoint of a service, once.
pub(super) fn add(vpc: &Vpc, service: &Service) {
    if is_defined(vpc, service) {
        return;
    }
    if service.is_gateway() {
        let tables = [Tier::Private, Tier::Isolated].map(|tier| vpc.route_tables(tier)).concat();
        return endpoint(vpc, service, VpcEndpointType::Gateway, |it| it.route_table_ids(tables));
    }
    let group = group(vpc);
    let subnets: Vec<_> = vpc.subnet_ids(tier(vpc)).into_iter().map(|subnet| subnet.into_text()).collect();
    endpoint(vpc, service, VpcEndpointType::Interface, |it| {
        it.subnet_ids(subnets).security_group_ids([group]).private_dns_enabled(true)
    });
}

/// Returns whether the program has defined the endpoint of a service.
pub(super) fn is_defined(vpc: &Vpc, service: &Service) -> bool {
    vpc.scope.child(&id(service)).is_some() || vpc.scope.keep(|noted: &mut Noted| noted.0.contains(service))
}

/// Notes that the program has defined the endpoint of a service by its resource.
pub(super) fn note(vpc: &Vpc, service: Service) {
    vpc.scope.keep(|noted: &mut Noted| noted.0.push(service));
}

/// The services whose endpoints were defined by their resources.
#[derive(Default)]
struct Noted(Vec<Service>);

/// Returns the tier that endpoints with an interface stand in.
pub(super) fn tier(vpc: &Vpc) -> Tier {
    if vpc.subnets(Tier::Private).is_empty() { Tier::Isolated } else { Tier::Private }
}

/// Returns the security group of all endpoints, which the network may connect to.
fn group(vpc: &Vpc) -> Val<SecurityGroupId> {
    if let Some(known) = vpc.scope.keep(|group: &mut Group| group.0.clone()) {
        return known;
    }
    let group = SecurityGroup::answering(&vpc.scope, "endpoints", vpc, "endpoints of AWS services");
    group.allow_from_cidr(vpc.cidr, 443, "from the network to AWS services");
    vpc.scope.keep(|known: &mut Group| known.0.insert(group.id()).clone())
}

/// The security group of the endpoints of a network, once one of them is defined.
#[derive(Default)]
struct Group(Option<Val<SecurityGroupId>>);

fn id(service: &Service) -> String {
    format!("endpoint-{}", name::dns_label(service.word(), 50))
}

/// Defines one endpoint. What may be asked of the service is for the caller's own policy to say.
fn endpoint(
    vpc: &Vpc,
    service: &Service,
    kind: VpcEndpointType,
    placed: impl FnOnce(ec2::VpcEndpoint) -> ec2::VpcEndpoint,
) {
    let id = id(service);
    let tag = Tag::new("Name", format!("{}/{id}", display_name(&vpc.scope)));
    let endpoint = ec2::VpcEndpoint::new(vpc.id())
        .service_name(Api::endpoint_service(&vpc.scope.region(), service.word()))
        .vpc_endpoint_type(kind)
        .tags([tag]);
    placed(endpoint).define(&vpc.scope, &id);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn gateways_are_routes_and_interfaces_listen_to_the_network() {
        let platform = Platform::synth("shop", |app| {
            let endpoints = vec![Service::S3, Service::Sqs, Service::Sqs];
            Vpc::new(&stack(app, "network"), "vpc", VpcProps { endpoints, ..Default::default() });
        });
        let endpoints = platform.resources("AWS::EC2::VPCEndpoint");
        assert_eq!(endpoints.len(), 2);
        let of =
            |kind: &str| endpoints.iter().find(|it| it.props["VpcEndpointType"] == kind).expect("an endpoint").props;
        // Three private route tables and the isolated one.
        assert_eq!(of("Gateway")["RouteTableIds"].as_array().map(Vec::len), Some(4));
        assert_eq!(
            (&of("Interface")["PrivateDnsEnabled"], &of("Interface")["ServiceName"]),
            (&true.into(), &"com.amazonaws.ap-northeast-1.sqs".into())
        );
        assert_eq!(platform.resource("AWS::EC2::SecurityGroupIngress").props["FromPort"], 443);
    }
}
