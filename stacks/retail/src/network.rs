//! The network and DNS names: defined in staging, imported from the company in production.

use meshsynth::acm::{Certificate, CertificateProps, ExistingCertificate};
use meshsynth::aws::VpcProps;
use meshsynth::aws::vpc::{Nat, Vpc};
use meshsynth::route53::{ExistingZone, HostedZone, ZoneProps};
use meshsynth::{App, Stack, ssm};

use crate::environment::Place;
use crate::{Environment, names};

/// The network, the hosted zone and the certificate.
pub struct Network {
    pub vpc: Vpc,
    pub zone: HostedZone,
    pub certificate: Certificate,
}

pub fn define(app: &App, env: &Environment) -> Network {
    let stack = Stack::new(app, "network", env.place());
    stack.describe("Network, hosted zone and certificate of the shop.");
    let vpc = match &env.network {
        Place::Own(cidr) => Vpc::new(&stack, "vpc", VpcProps { cidr: *cidr, nat: Nat::Single, ..Default::default() }),
        Place::Existing(existing) => Vpc::import(&stack, "vpc", existing.clone()),
    };
    let company =
        ExistingZone { owner_writes_records: true, ..ExistingZone::new("example.com", "Z0648372LQ5EXAMPLE77") };
    let company = HostedZone::import(&stack, "company", company);
    let zone = HostedZone::public(&stack, "zone", env.domain, ZoneProps::default());
    company.delegate(&zone);
    names::define(&stack, &zone);
    let certificate = match &env.network {
        Place::Own(_) => Certificate::new(&stack, "certificate", env.domain, &zone, CertificateProps::default()),
        Place::Existing(_) => {
            let arn = ssm::existing(&stack, "/company/certificates/retail");
            Certificate::import(&stack, "certificate", ExistingCertificate { arn })
        }
    };
    Network { vpc, zone, certificate }
}
