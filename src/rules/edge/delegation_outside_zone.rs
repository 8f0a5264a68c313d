//! A zone delegates a domain that is not below it, or whose name servers are not known.
//!
//! # What it reports
//!
//! In a call of `HostedZone::delegate`, the domain of the child zone is not a subdomain of the parent zone. The rule
//! also reports a child zone that is imported without its name servers.
//!
//! # Why it matters
//!
//! A delegation is an NS record in the parent zone that lists the name servers of the child zone. It works only for
//! subdomains of the parent zone.
//!
//! # Fix
//!
//! Delegate from the parent zone of the domain. For an imported zone, set `ExistingZone::name_servers`.
//!
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-routing-traffic-for-subdomains.html>

#[cfg(test)]
mod tests {
    use crate::App;
    use crate::route53::{ExistingZone, HostedZone};
    use crate::testing::{codes, stack};

    fn delegates(app: &App, domain: &str, name_servers: &[&str]) {
        let edge = stack(app, "edge");
        let above = HostedZone::public(&edge, "above", "example.com", Default::default());
        let name_servers = name_servers.iter().map(|name| (*name).to_owned()).collect();
        let below = ExistingZone { name_servers, ..ExistingZone::new(domain, "Z0123456789AB") };
        above.delegate(&HostedZone::import(&edge, "below", below));
    }

    #[test]
    fn reports_delegation_of_another_domain_and_without_name_servers() {
        assert_eq!(codes(|app| delegates(app, "shop.example.org", &["ns-1.example.net"])), ["MS0620"]);
        assert_eq!(codes(|app| delegates(app, "shop.example.com", &[])), ["MS0620"]);
    }

    #[test]
    fn accepts_a_domain_below() {
        assert_eq!(codes(|app| delegates(app, "shop.example.com", &["ns-1.example.net"])), [""; 0]);
    }
}
