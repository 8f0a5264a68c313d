//! Other DNS records of the shop: mail servers, and the certificate authorities that may issue certificates.

use meshsynth::route53::{Caa, HostedZone, Record, RecordProps, Server, Target};
use meshsynth::{Duration, Stack};

/// The mail provider of the company.
const MAIL: &str = "mail.example.net";

pub fn define(stack: &Stack, zone: &HostedZone) {
    let domain = zone.domain();
    let day = || RecordProps { ttl: Duration::days(1), ..Default::default() };
    let servers = vec![(10, format!("mx1.{MAIL}").into()), (20, format!("mx2.{MAIL}").into())];
    Record::new(stack, "mail", zone, domain, Target::Mx(servers), day());
    let senders = vec![format!("v=spf1 include:{MAIL} -all")];
    Record::new(stack, "senders", zone, domain, Target::Txt(senders), day());
    // The host name for mail clients of the support team.
    let inbox = Server { priority: 0, weight: 1, port: 993, host: format!("imap.{MAIL}").into() };
    Record::new(stack, "inbox", zone, &format!("_imaps._tcp.{domain}"), Target::Srv(vec![inbox]), day());
    let issuers = vec![Caa::Issue("amazon.com".to_owned()), Caa::Report("mailto:security@example.com".to_owned())];
    Record::new(stack, "issuers", zone, domain, Target::Caa(issuers), day());
}
