//! VPC endpoints for AWS services.

use crate::aws::SecurityGroup;
use crate::aws::iam::Api;
use crate::cfn::ec2;
use crate::cfn::ec2::vpc_endpoint::{Tag, VpcEndpointType};
use crate::cfn::ids::SecurityGroupId;
use crate::name;
use crate::val::Val;

use super::{Tier, Vpc, display_name};

/// An AWS service with a VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Service {
    /// Amazon S3, through a free gateway endpoint. ECR stores image layers there.
    S3,
    /// Amazon DynamoDB, through a free gateway endpoint.
    DynamoDb,
    /// The API of Amazon ECR.
    EcrApi,
    /// The registry of Amazon ECR.
    EcrDkr,
    /// AWS STS, from which IRSA gets credentials.
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
    /// Another service with an interface endpoint, by the end of its service name, such as `sns`.
    Other(String),
}

impl Service {
    /// Returns the services that nearly every cluster calls frequently.
    pub(super) fn usual() -> Vec<Service> {
        use Service::*;
        vec![S3, EcrApi, EcrDkr, Sts, Ssm, SecretsManager, Logs]
    }

    /// Returns the end of the service name, such as `ecr.api`.
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

    /// Returns the service for a service name suffix, such as `sqs`.
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

    /// Returns the Rust expression of the service, such as `Service::Sqs`.
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

/// Defines the endpoints. Interface endpoints are in the private subnets, or in the isolated subnets
/// if there are none.
pub(super) fn define(vpc: &Vpc, services: &[Service]) {
    let mut services = services.to_vec();
    services.sort();
    services.dedup();
    let (gateways, interfaces): (Vec<_>, Vec<_>) = services.into_iter().partition(Service::is_gateway);
    gateways.iter().chain(&interfaces).for_each(|service| add(vpc, service));
}

/// Defines the endpoint of a service, unless it is already defined.
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

/// Records that the program has defined a bare endpoint of a service.
pub(super) fn note(vpc: &Vpc, service: Service) {
    vpc.scope.keep(|noted: &mut Noted| noted.0.push(service));
}

/// The services with bare endpoints.
#[derive(Default)]
struct Noted(Vec<Service>);

/// Returns the subnet tier of interface endpoints.
pub(super) fn tier(vpc: &Vpc) -> Tier {
    if vpc.subnets(Tier::Private).is_empty() { Tier::Isolated } else { Tier::Private }
}

/// Returns the security group of all endpoints, which allows connections from the VPC.
fn group(vpc: &Vpc) -> Val<SecurityGroupId> {
    if let Some(known) = vpc.scope.keep(|group: &mut Group| group.0.clone()) {
        return known;
    }
    let group = SecurityGroup::answering(&vpc.scope, "endpoints", vpc, "endpoints of AWS services");
    group.allow_from_cidr(vpc.cidr, 443, "from the network to AWS services");
    vpc.scope.keep(|known: &mut Group| known.0.insert(group.id()).clone())
}

/// The security group of the endpoints of a VPC, after one of them is defined.
#[derive(Default)]
struct Group(Option<Val<SecurityGroupId>>);

fn id(service: &Service) -> String {
    format!("endpoint-{}", name::dns_label(service.word(), 50))
}

/// Defines an endpoint. The endpoint policy does not restrict requests. The policies of the callers restrict them.
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
    fn defines_gateway_and_interface_endpoints() {
        let platform = Platform::synth("shop", |app| {
            let endpoints = vec![Service::S3, Service::Sqs, Service::Sqs];
            Vpc::new(&stack(app, "network"), "vpc", VpcProps { endpoints, ..Default::default() });
        });
        let endpoints = platform.resources("AWS::EC2::VPCEndpoint");
        assert_eq!(endpoints.len(), 2);
        let of =
            |kind: &str| endpoints.iter().find(|it| it.props["VpcEndpointType"] == kind).expect("an endpoint").props;
        // There are three private route tables and one isolated route table.
        assert_eq!(of("Gateway")["RouteTableIds"].as_array().map(Vec::len), Some(4));
        assert_eq!(
            (&of("Interface")["PrivateDnsEnabled"], &of("Interface")["ServiceName"]),
            (&true.into(), &"com.amazonaws.ap-northeast-1.sqs".into())
        );
        assert_eq!(platform.resource("AWS::EC2::SecurityGroupIngress").props["FromPort"], 443);
    }
}
