//! The bare resources of a bare VPC, in addition to subnets: gateways, routes, endpoints, flow logs and network ACLs.

use crate::Resource;
use crate::cfn::ec2;
use crate::val::{Data, Deferred, Part, Value};

use super::{Origin, Service, Vpc, endpoints};

impl Vpc {
    /// Adds a bare internet gateway. It needs a gateway attachment and a route.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::aws::vpc::Tier;
    /// # use meshsynth::{App, Cidr, Env, Stack, aws, cfn};
    /// # let app = App::new("shop");
    /// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
    /// # let cidr = Cidr::new("10.0.0.0/16");
    /// let mut vpc = aws::Vpc::bare(&network, "vpc", cidr, cfn::ec2::Vpc::new().cidr_block(cidr));
    /// let internet = vpc.add_internet_gateway("internet", cfn::ec2::InternetGateway::new());
    /// let attachment = cfn::ec2::VpcGatewayAttachment::new(vpc.id()).internet_gateway_id(internet.reference());
    /// let attachment = vpc.add_gateway_attachment("internet-of-vpc", attachment);
    /// let routes = vpc.add_route_table("public", Tier::Public, cfn::ec2::RouteTable::new(vpc.id()));
    /// let out = cfn::ec2::Route::new(routes.reference()).destination_cidr_block("0.0.0.0/0");
    /// vpc.add_route("out", out.gateway_id(internet.reference())).depends_on(&attachment);
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn add_internet_gateway(&self, id: &str, gateway: ec2::InternetGateway) -> Resource<ec2::InternetGateway> {
        gateway.define(self, id)
    }

    /// Adds a bare attachment of an internet gateway or a VPN gateway to the VPC.
    #[track_caller]
    pub fn add_gateway_attachment(
        &self,
        id: &str,
        attachment: ec2::VpcGatewayAttachment,
    ) -> Resource<ec2::VpcGatewayAttachment> {
        attachment.define(self, id)
    }

    /// Adds a bare route to a route table of the VPC.
    #[track_caller]
    pub fn add_route(&self, id: &str, route: ec2::Route) -> Resource<ec2::Route> {
        route.define(self, id)
    }

    /// Adds a bare association of a subnet with a route table.
    #[track_caller]
    pub fn add_route_table_association(
        &self,
        id: &str,
        association: ec2::SubnetRouteTableAssociation,
    ) -> Resource<ec2::SubnetRouteTableAssociation> {
        association.define(self, id)
    }

    /// Adds a bare Elastic IP address for a NAT gateway of the VPC.
    #[track_caller]
    pub fn add_eip(&self, id: &str, eip: ec2::Eip) -> Resource<ec2::Eip> {
        eip.define(self, id)
    }

    /// Adds a bare NAT gateway. For grants that are defined later, connections to services without an endpoint use this
    /// gateway.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::aws::vpc::Tier;
    /// # use meshsynth::{App, Cidr, Env, Stack, aws, cfn};
    /// # let app = App::new("shop");
    /// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
    /// # let cidr = Cidr::new("10.0.0.0/16");
    /// # let mut vpc = aws::Vpc::bare(&network, "vpc", cidr, cfn::ec2::Vpc::new().cidr_block(cidr));
    /// # let cidr = Cidr::new("10.0.0.0/24");
    /// let public = vpc.add_subnet("public-a", Tier::Public, cidr, cfn::ec2::Subnet::new(vpc.id()).cidr_block(cidr));
    /// let address = vpc.add_eip("nat-a-address", cfn::ec2::Eip::new().domain("vpc"));
    /// let nat = cfn::ec2::NatGateway::new().subnet_id(public.subnet_id()).allocation_id(address.allocation_id());
    /// vpc.add_nat_gateway("nat-a", nat).logical_id("NatA");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn add_nat_gateway(&mut self, id: &str, gateway: ec2::NatGateway) -> Resource<ec2::NatGateway> {
        if let Origin::Defined { has_nat, .. } = &mut self.origin {
            *has_nat = true;
        }
        gateway.define(self, id)
    }

    /// Adds a bare endpoint. If its service name is known at synthesis, connections for later grants use the endpoint.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::ec2::vpc_endpoint::VpcEndpointType;
    /// # use meshsynth::{App, Cidr, Env, Stack, aws, cfn};
    /// # let app = App::new("shop");
    /// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
    /// # let cidr = Cidr::new("10.0.0.0/16");
    /// # let mut vpc = aws::Vpc::bare(&network, "vpc", cidr, cfn::ec2::Vpc::new().cidr_block(cidr));
    /// let s3 = cfn::ec2::VpcEndpoint::new(vpc.id()).service_name("com.amazonaws.eu-west-1.s3");
    /// vpc.add_endpoint("s3", s3.vpc_endpoint_type(VpcEndpointType::Gateway)).logical_id("S3Endpoint");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn add_endpoint(&self, id: &str, endpoint: ec2::VpcEndpoint) -> Resource<ec2::VpcEndpoint> {
        if let Some(service) = endpoint.clone().into_data().at("ServiceName").and_then(service) {
            endpoints::note(self, service);
        }
        endpoint.define(self, id)
    }

    /// Adds a bare flow log of the VPC or of a subnet.
    #[track_caller]
    pub fn add_flow_log(&self, id: &str, flow_log: ec2::FlowLog) -> Resource<ec2::FlowLog> {
        flow_log.define(self, id)
    }

    /// Adds a bare network ACL, which denies all traffic until it has entries.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Cidr, Env, Stack, aws, cfn};
    /// # let app = App::new("shop");
    /// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
    /// # let cidr = Cidr::new("10.0.0.0/16");
    /// # let vpc = aws::Vpc::bare(&network, "vpc", cidr, cfn::ec2::Vpc::new().cidr_block(cidr));
    /// let acl = vpc.add_network_acl("public", cfn::ec2::NetworkAcl::new(vpc.id()));
    /// let https = cfn::ec2::NetworkAclEntry::new(acl.reference(), 6, "allow", 100).cidr_block("0.0.0.0/0");
    /// let ports = cfn::ec2::network_acl_entry::PortRange::new().from_(443).to(443);
    /// vpc.add_network_acl_entry("public-https", https.port_range(ports));
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn add_network_acl(&self, id: &str, acl: ec2::NetworkAcl) -> Resource<ec2::NetworkAcl> {
        acl.define(self, id)
    }

    /// Adds a bare entry to a network ACL of the VPC.
    #[track_caller]
    pub fn add_network_acl_entry(&self, id: &str, entry: ec2::NetworkAclEntry) -> Resource<ec2::NetworkAclEntry> {
        entry.define(self, id)
    }

    /// Adds a bare association of a subnet with a network ACL.
    #[track_caller]
    pub fn add_network_acl_association(
        &self,
        id: &str,
        association: ec2::SubnetNetworkAclAssociation,
    ) -> Resource<ec2::SubnetNetworkAclAssociation> {
        association.define(self, id)
    }
}

/// Returns the service of a name such as `com.amazonaws.eu-west-1.ecr.api`. The region in the name can be a reference.
fn service(name: &Data) -> Option<Service> {
    let word = match name {
        Data::Text(name) => {
            let (region, word) = name.strip_prefix("com.amazonaws.")?.split_once('.')?;
            // An endpoint service of another AWS customer.
            if region == "vpce" {
                return None;
            }
            word
        }
        Data::Deferred(name) => match &**name {
            Deferred::Text(parts) => match parts.as_slice() {
                [Part::Text(start), Part::Value(_), Part::Text(end)] if start == "com.amazonaws." => {
                    end.strip_prefix('.')?
                }
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    Some(Service::of(word))
}

#[cfg(test)]
mod tests {
    use super::service;
    use crate::aws::vpc::Service;
    use crate::val::{Val, Value};
    use crate::{intrinsic, text};

    #[test]
    fn derives_service_from_endpoint_name() {
        let by_reference: Val<String> = text!["com.amazonaws.", intrinsic::region(), ".sqs"];
        assert_eq!(service(&by_reference.into_data()), Some(Service::Sqs));
        let of = |name: &str| service(&name.to_owned().into_data());
        assert_eq!(of("com.amazonaws.eu-west-1.ecr.api"), Some(Service::EcrApi));
        assert_eq!(of("com.amazonaws.vpce.eu-west-1.vpce-svc-0123"), None);
        assert_eq!(of("cn.com.amazonaws.cn-north-1.s3"), None);
    }
}
