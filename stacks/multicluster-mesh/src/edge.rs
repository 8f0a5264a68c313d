//! The DNS names of the shop, and the certificate of its load balancers.

use meshsynth::acm::{Certificate, CertificateProps};
use meshsynth::route53::{HostedZone, ZoneProps};
use meshsynth::{App, Env, Stack};

use crate::{HOST, REGION};

pub struct Edge {
    /// The hosted zone.
    pub zone: HostedZone,
    /// Its certificate.
    pub certificate: Certificate,
}

pub fn define(app: &App) -> Edge {
    let stack = Stack::new(app, "edge", Env::region(REGION));
    stack.describe("The zone of the shop, and its certificate.");
    let zone = HostedZone::public(&stack, "zone", HOST, ZoneProps::default());
    stack.output("NameServers", zone.name_servers());
    let certificate = Certificate::new(&stack, "certificate", HOST, &zone, CertificateProps::default());
    Edge { zone, certificate }
}
