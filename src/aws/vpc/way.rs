//! Network paths from a VPC to AWS APIs.

use crate::OwnerTask;
use crate::diag::Diagnostic;
use crate::iam::{Api, Reach, Role};
use crate::tree::{At, Construct};
use crate::units::Cidr;

use super::{Origin, Service, Vpc, endpoints};

/// The network path to an AWS API on port 443.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Way {
    /// The CIDR blocks of the subnets with the VPC endpoint of the API.
    pub inside: Vec<Cidr>,
    /// Whether the path leads to public addresses, through a gateway endpoint or a NAT gateway.
    pub outside: bool,
}

/// The services whose missing network path is already reported.
#[derive(Default)]
struct Missing(Vec<String>);

impl Vpc {
    /// Returns the network path to the API in a region. If the program defines the VPC, this can define the required
    /// endpoint. A missing path in an imported VPC is reported once.
    pub(crate) fn way_to(&self, api: &Api, region: &str, at: At) -> Way {
        let is_here = region == self.scope().region();
        match api.reach {
            Reach::InVpc => Way::default(),
            Reach::Gateway(word) if is_here => {
                self.has_endpoint(api, &Service::of(word), at);
                Way { inside: Vec::new(), outside: true }
            }
            Reach::Interface(words) if is_here => {
                let mut way = Way::default();
                for word in words {
                    if self.has_endpoint(api, &Service::of(word), at) {
                        way.inside = self.endpoint_cidrs();
                    } else {
                        // An imported VPC can have an endpoint that the program does not declare.
                        way.inside = if self.is_imported() { self.endpoint_cidrs() } else { way.inside };
                        way.outside = true;
                    }
                }
                way
            }
            Reach::Gateway(_) | Reach::Interface(_) | Reach::Public | Reach::Global => {
                if !self.has_nat() {
                    let what =
                        if is_here || api.reach == Reach::Global { String::new() } else { format!(" of {region}") };
                    self.report_missing(api.word(), at, |vpc| {
                        let text = format!(
                            "{}{what} is not reachable from the VPC `{vpc}`, which has neither an endpoint for it nor a NAT gateway",
                            api.service
                        );
                        Diagnostic::warning("MS0612", text)
                            .help("add a NAT gateway or another route to the internet")
                    });
                }
                Way { inside: Vec::new(), outside: true }
            }
        }
    }

    /// Defines the endpoints for the current and later grants to a role, if the role belongs to a construct in this
    /// VPC.
    pub(crate) fn open_ways_of(&self, role: &Role) {
        let vpc = self.clone();
        role.when_allowed(move |allowed| {
            if allowed.is_grant {
                allowed.apis().into_iter().for_each(|api| drop(vpc.way_to(api, allowed.region, allowed.at)));
            }
        });
    }

    /// Returns whether a service has an endpoint in this VPC. If allowed, it defines the endpoint.
    fn has_endpoint(&self, api: &Api, service: &Service, at: At) -> bool {
        match &self.origin {
            Origin::Defined { endpoints_by_grant: true, .. } => endpoints::add(self, service),
            Origin::Defined { .. } if endpoints::is_defined(self, service) => {}
            Origin::Defined { has_nat: true, .. } => return false,
            Origin::Defined { .. } => {
                self.report_missing(service.word(), at, |vpc| {
                    let text = format!("the VPC `{vpc}` has no endpoint for {} and no NAT gateway", api.service);
                    let help = format!(
                        "add `{}` to `VpcProps::endpoints`, or add a NAT gateway to the VPC",
                        service.written()
                    );
                    Diagnostic::warning("MS0612", text).help(help)
                });
                return false;
            }
            Origin::Existing { endpoints, .. } if endpoints.contains(service) => {}
            Origin::Existing { has_nat: true, .. } => return false,
            Origin::Existing { .. } => {
                let name = format!("com.amazonaws.{}.{}", self.scope().region(), service.word());
                self.scope().owner_task(OwnerTask {
                    owner: self.id().into(),
                    what: format!(
                        "add an endpoint of {name} with private DNS names that all private subnets can reach"
                    ),
                    document: None,
                });
                self.report_missing(service.word(), at, |vpc| {
                    let text = format!("the import of the existing VPC `{vpc}` lists no endpoint for {}", api.service);
                    let line = format!("`endpoints: vec![{}]`", service.written());
                    let help = format!(
                        "set {line} after the owner has added the endpoint, or `has_nat: true` if the VPC has a route to the internet"
                    );
                    Diagnostic::warning("MS0611", text).help(help)
                });
                return false;
            }
        }
        true
    }

    /// Returns the CIDR blocks of the endpoints: their subnets, or the whole VPC if the subnets are unknown.
    fn endpoint_cidrs(&self) -> Vec<Cidr> {
        let own = self.subnet_cidrs(endpoints::tier(self));
        if self.is_imported() || own.is_empty() { vec![self.cidr()] } else { own }
    }

    /// Returns whether the VPC is imported.
    pub(crate) fn is_imported(&self) -> bool {
        matches!(self.origin, Origin::Existing { .. })
    }

    fn has_nat(&self) -> bool {
        match self.origin {
            Origin::Defined { has_nat, .. } | Origin::Existing { has_nat, .. } => has_nat,
        }
    }

    fn report_missing(&self, word: &str, at: At, diagnostic: impl FnOnce(&str) -> Diagnostic) {
        let is_new = self.scope().keep(|missing: &mut Missing| {
            let is_new = !missing.0.iter().any(|known| known == word);
            missing.0.push(word.to_owned());
            is_new
        });
        if is_new {
            self.scope().report(diagnostic(&self.scope().path()).at(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::vpc::{ExistingSubnet, ExistingVpc, Nat, Service, Tier, Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps};
    use crate::testing::{Platform, codes, stack};
    use crate::tree::Construct;
    use crate::units::Cidr;
    use crate::{App, cfn, dynamodb, iam, intrinsic, mesh, s3, sqs, text};

    /// Defines a workload in the VPC with grants on a bucket, a table and a queue.
    fn orders(app: &App, vpc: &Vpc) {
        let run = stack(app, "run");
        let cluster = Cluster::new(&run, "cluster", vpc, ClusterProps::default());
        let shop = mesh::Namespace::new(&run, "shop", &cluster, Default::default());
        let orders = mesh::Workload::new(&shop, "orders", "registry.example/orders:1.0.0", Default::default());
        let data = stack(app, "data");
        s3::Bucket::new(&data, "receipts", Default::default()).grant_read(&orders);
        dynamodb::Table::new(&data, "carts", dynamodb::Attribute::text("id"), Default::default()).grant_read(&orders);
        sqs::Queue::new(&data, "mails", Default::default()).grant_send(&orders);
    }

    fn defined(app: &App, props: VpcProps) {
        orders(app, &Vpc::new(&stack(app, "network"), "vpc", props));
    }

    fn existing(app: &App, endpoints: Vec<Service>, has_nat: bool) {
        let subnet = |idx: u64, zone| {
            let cidr = Cidr::new("10.20.0.0/16").carve(idx * 8192, 19).expect("it fits");
            ExistingSubnet::new(Tier::Private, format!("subnet-0a1b2c3d4e5f6071{idx}"), cidr, zone)
        };
        let subnets = [subnet(0, "ap-northeast-1a"), subnet(1, "ap-northeast-1c")];
        let existing = ExistingVpc::new("vpc-0a1b2c3d4e5f60718", Cidr::new("10.20.0.0/16"), subnets);
        let network = stack(app, "network");
        let vpc = Vpc::import(&network, "vpc", ExistingVpc { endpoints, has_nat, ..existing });
        crate::aws::SecurityGroup::new(&network, "group", &vpc, "a group");
        orders(app, &vpc);
    }

    fn endpoints(platform: &Platform) -> Vec<&str> {
        let endpoints = platform.resources("AWS::EC2::VPCEndpoint").into_iter();
        let name = |it: &crate::testing::Found<'_>| it.props["ServiceName"].to_string();
        let mut words: Vec<_> = endpoints.map(|it| (name(&it), it.template)).collect();
        words.sort();
        assert!(words.iter().all(|(_, template)| *template == "network.template.json"));
        let known = ["dynamodb", "kms", "s3", "sqs", "sts"];
        known.into_iter().filter(|word| words.iter().any(|(name, _)| name.ends_with(&format!(".{word}\"")))).collect()
    }

    #[test]
    fn grant_defines_missing_endpoint() {
        let platform = Platform::synth("shop", |app| {
            defined(app, VpcProps { endpoints: Vec::new(), nat: Nat::None, ..Default::default() });
        });
        // S3, DynamoDB and SQS call KMS on behalf of the pod, so the pod does not call KMS.
        assert_eq!(endpoints(&platform), ["dynamodb", "s3", "sqs", "sts"]);
        let policy = platform.manifest("networkpolicy-orders");
        assert!(policy.contains("cidr: 10.0.32.0/19") && policy.contains("cidr: 0.0.0.0/0"), "{policy}");
        assert!(policy.contains("- 10.0.0.0/8"), "{policy}");
    }

    #[test]
    fn egress_policy_for_interface_endpoint_excludes_public_addresses() {
        let platform = Platform::synth("shop", |app| {
            let vpc = Vpc::new(&stack(app, "network"), "vpc", VpcProps::default());
            let run = stack(app, "run");
            let cluster = Cluster::new(&run, "cluster", &vpc, ClusterProps::default());
            let shop = mesh::Namespace::new(&run, "shop", &cluster, Default::default());
            let mailer = mesh::Workload::new(&shop, "mailer", "registry.example/mailer:1.0.0", Default::default());
            sqs::Queue::new(&run, "mails", Default::default()).grant_receive(&mailer);
        });
        let policy = platform.manifest("networkpolicy-mailer");
        assert!(policy.contains("cidr: 10.0.0.0/19") && !policy.contains("0.0.0.0/0"), "{policy}");
    }

    #[test]
    fn handwritten_statement_defines_endpoint() {
        let platform = Platform::synth("shop", |app| {
            let orders = crate::testing::workload(app);
            let statement = iam::Statement::allow(["events:PutEvents"]).on("arn:aws:events:::event-bus/shop");
            iam::Grantee::role(&orders).allow(statement);
        });
        let endpoints = platform.resources("AWS::EC2::VPCEndpoint");
        assert!(endpoints.iter().any(|it| it.props["ServiceName"].to_string().ends_with(".events\"")));
    }

    #[test]
    fn uses_nat_gateway_or_reports_missing_path() {
        let closed = |nat| VpcProps { endpoints: Vec::new(), endpoints_by_grant: false, nat, ..Default::default() };
        let platform = Platform::synth("shop", |app| defined(app, closed(Nat::Single)));
        assert!(platform.resources("AWS::EC2::VPCEndpoint").is_empty());
        assert!(platform.manifest("networkpolicy-orders").contains("cidr: 0.0.0.0/0"));
        // The missing paths are those to STS, S3, DynamoDB and SQS.
        assert_eq!(codes(|app| defined(app, closed(Nat::None))), ["MS0612"; 4]);
    }

    #[test]
    fn bare_endpoint_is_a_network_path() {
        let found = |words: &'static [&'static str]| {
            codes(|app| {
                let (network, cidr) = (stack(app, "network"), Cidr::new("10.0.0.0/16"));
                let mut vpc = Vpc::bare(&network, "vpc", cidr, cfn::ec2::Vpc::new().cidr_block(cidr));
                let cidr = Cidr::new("10.0.1.0/24");
                vpc.add_subnet("a", Tier::Isolated, cidr, cfn::ec2::Subnet::new(vpc.id()).cidr_block(cidr));
                for word in words {
                    let name = text!["com.amazonaws.", intrinsic::region(), format!(".{word}")];
                    vpc.add_endpoint(word, cfn::ec2::VpcEndpoint::new(vpc.id()).service_name(name));
                }
                for word in ["sqs:SendMessage", "s3:GetObject"] {
                    let api = iam::Api::of(word).expect("it is in the table");
                    vpc.way_to(api, &network.scope().region(), network.scope().at());
                }
            })
        };
        assert_eq!(found(&[]), ["MS0612"; 2]);
        assert_eq!(found(&["s3", "sqs"]), [""; 0]);
    }

    #[test]
    fn reports_missing_endpoint_of_imported_vpc() {
        let known = || vec![Service::S3, Service::Sts, Service::DynamoDb];
        assert_eq!(codes(|app| existing(app, known(), false)), ["MS0611"]);
        assert_eq!(codes(|app| existing(app, vec![], true)), [""; 0]);
        assert_eq!(codes(|app| existing(app, [known(), vec![Service::Sqs]].concat(), false)), [""; 0]);
    }

    #[test]
    fn reaches_other_regions_through_public_addresses() {
        let platform = Platform::synth("shop", |app| {
            let mailer = crate::testing::workload(app);
            let far = crate::Stack::new(app, "far", crate::Env::new("111122223333", "ap-northeast-3"));
            sqs::Queue::new(&far, "mails", Default::default()).grant_receive(&mailer);
        });
        assert!(endpoints_of(&platform, "sqs").is_empty());
        assert!(platform.manifest("networkpolicy-orders").contains("cidr: 0.0.0.0/0"));
    }

    fn endpoints_of(platform: &Platform, word: &str) -> Vec<String> {
        let endpoints = platform.resources("AWS::EC2::VPCEndpoint").into_iter();
        endpoints.map(|it| it.props["ServiceName"].to_string()).filter(|it| it.contains(word)).collect()
    }
}
