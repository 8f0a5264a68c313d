//! Delegation of subdomains to other hosted zones.

use crate::diag::Diagnostic;
use crate::tree::Construct;
use crate::units::Duration;
use crate::val::List;

use super::record::{Record, RecordProps};
use super::target::Target;
use super::zone::HostedZone;

impl HostedZone {
    /// Delegates a subdomain to the hosted zone `child`. The NS record in this zone contains the name servers of
    /// `child`.
    ///
    /// The record belongs to the stack of this zone, whose account can differ from the account of `child`. If this zone
    /// is imported and its owner writes the records, the record becomes an owner task.
    ///
    /// # Diagnostics
    ///
    /// - `MS0620`: the domain of `child` is not a subdomain of this zone, or its name servers are unknown.
    ///
    /// Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-routing-traffic-for-subdomains.html>
    #[track_caller]
    pub fn delegate(&self, child: &HostedZone) -> &Self {
        let (domain, above) = (child.domain().to_ascii_lowercase(), self.domain().to_ascii_lowercase());
        let report = |message: String, help: &str| {
            self.scope().report(Diagnostic::error("MS0620", message).help(help));
        };
        if !domain.ends_with(&format!(".{above}")) {
            report(
                format!("`{domain}` is not a subdomain of `{above}`"),
                "delegate the domain from the hosted zone of its parent domain",
            );
            return self;
        }
        let names = child.name_servers();
        if names.known().is_some_and(|names| *names == List::default()) {
            report(
                format!("the name servers of `{domain}` are required here, but unknown"),
                "set `ExistingZone::name_servers`",
            );
            return self;
        }
        let id = format!("delegate-{}", crate::name::dns_label(&domain, 50));
        let props = RecordProps { ttl: Duration::days(1), ..RecordProps::default() };
        Record::new(self.scope(), &id, self, &domain, Target::Ns(names), props);
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::route53::{ExistingZone, HostedZone};
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    #[test]
    fn delegates_subdomain_to_zone_in_another_account() {
        let platform = Platform::synth("shop", |app| {
            let company = Stack::new(app, "company", Env::new("444455556666", "eu-west-1"));
            let above = HostedZone::public(&company, "zone", "example.com", Default::default());
            let below = HostedZone::public(&stack(app, "edge"), "zone", "shop.example.com", Default::default());
            above.delegate(&below);
        });
        let record = platform.resource("AWS::Route53::RecordSet");
        assert_eq!((&record.props["Type"], &record.props["Name"]), (&"NS".into(), &"shop.example.com".into()));
        assert!(record.template.starts_with("company"), "{}", record.template);
        assert!(record.props["ResourceRecords"].to_string().contains("GetStackOutput"), "{}", record.props);
    }

    #[test]
    fn adds_owner_task_for_delegation_in_imported_zone() {
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let above =
                ExistingZone { owner_writes_records: true, ..ExistingZone::new("example.com", "Z0123456789AB") };
            let above = HostedZone::import(&edge, "company", above);
            above.delegate(&HostedZone::public(&edge, "zone", "shop.example.com", Default::default()));
        });
        assert!(platform.resources("AWS::Route53::RecordSet").is_empty());
        let owners = &platform.assembly.files["owners.json"];
        assert!(owners.contains("NS record of shop.example.com"), "{owners}");
    }
}
