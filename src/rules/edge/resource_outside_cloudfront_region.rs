//! A certificate or web ACL for CloudFront is not in us-east-1, or the web ACL has the wrong scope.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - a web ACL with the scope `CLOUDFRONT` in a stack outside us-east-1
//! - a distribution whose certificate is in another region than us-east-1
//! - a distribution whose web ACL has the scope `REGIONAL`
//!
//! # Why it matters
//!
//! CloudFront uses only certificates and web ACLs of us-east-1. AWS WAF rejects the scope `CLOUDFRONT` in other
//! regions, and a `REGIONAL` web ACL cannot be associated with a distribution. CloudFront rejects a certificate of
//! another region when it creates the distribution.
//!
//! # Fix
//!
//! Define the certificate and the web ACL in a stack in us-east-1. The distribution, the records and the hosted zone
//! may be in stacks of other regions, which read them with weak references.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;
use crate::rules::index::references::region;

const HOME: &str = "us-east-1";

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, acl) in model.of_type("AWS::WAFv2::WebACL") {
        let (Some(region), Some("CLOUDFRONT")) = (region(model, id), acl.props.get("Scope").and_then(Data::as_str)) else {
            continue;
        };
        if region != HOME {
            let message = format!("a web ACL for CloudFront must be in `{HOME}`, but its stack is in `{region}`");
            out.push(model.error(id, "MS0601", message).help(format!("define the web ACL in a stack in `{HOME}`")));
        }
    }
    for (id, distribution) in model.of_type("AWS::CloudFront::Distribution") {
        let Some(config) = distribution.props.get("DistributionConfig") else { continue };
        if let Some(certificate) = config.at("ViewerCertificate.AcmCertificateArn")
            && let Some(region) = place(model, certificate)
            && region != HOME
        {
            let message = format!("the certificate of a distribution must be in `{HOME}`, but its stack is in `{region}`");
            let diagnostic = model.error(id, "MS0601", message);
            let help = format!("define the certificate in a stack in `{HOME}`; its hosted zone can be in any region");
            out.push(defined(model, diagnostic, certificate).help(help));
        }
        let acl = config.at("WebACLId");
        let scope = acl.and_then(|acl| model.resource(acl.as_attr()?.node)?.props.get("Scope")?.as_str());
        if let (Some(acl), Some("REGIONAL")) = (acl, scope) {
            let diagnostic = model.error(id, "MS0601", "a web ACL of scope `REGIONAL` cannot be associated with a distribution");
            out.push(defined(model, diagnostic, acl).help(format!("set the scope to `CLOUDFRONT`, and define the web ACL in a stack in `{HOME}`")));
        }
    }
}

fn defined(model: &Model, diagnostic: Diagnostic, what: &Data) -> Diagnostic {
    match what.as_attr() {
        Some(attr) => {
            diagnostic.note_at(format!("`{}` is defined here", model.path(attr.node)), model.node(attr.node).at)
        }
        None => diagnostic,
    }
}

/// Returns the region of the resource of an ARN, from its stack or from the text.
fn place<'a>(model: &'a Model, arn: &'a Data) -> Option<&'a str> {
    match arn.as_attr() {
        Some(attr) => region(model, attr.node),
        None => arn.as_str()?.split(':').nth(3),
    }
}

#[cfg(test)]
mod tests {
    use crate::acm::{Certificate, CertificateProps};
    use crate::cloudfront::{Distribution, DistributionProps};
    use crate::route53::HostedZone;
    use crate::testing::codes;
    use crate::wafv2::{Scope, WebAcl, WebAclProps};
    use crate::{Env, Stack};

    fn behind(region: &'static str, scope: Scope) -> Vec<&'static str> {
        codes(|app| {
            let edge = Stack::new(app, "edge", Env::new("111122223333", region));
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
            let certificate = Certificate::new(&edge, "certificate", zone.domain(), &zone, CertificateProps::default());
            let acl = WebAcl::new(&edge, "firewall", WebAclProps { scope, ..Default::default() });
            let props = DistributionProps {
                aliases: vec![zone.domain().to_owned()],
                certificate: Some(certificate),
                web_acl: Some(acl),
                ..Default::default()
            };
            let home = Stack::new(app, "home", Env::new("111122223333", "eu-west-1"));
            Distribution::new(&home, "distribution", "origin.shop.example.com", props);
        })
    }

    #[test]
    fn reports_a_certificate_and_a_firewall_in_another_region() {
        assert_eq!(behind("eu-west-1", Scope::CloudFront), ["MS0601", "MS0601"]);
    }

    #[test]
    fn reports_a_regional_firewall() {
        assert_eq!(behind("us-east-1", Scope::Regional), ["MS0601"]);
    }

    #[test]
    fn accepts_a_distribution_in_another_region() {
        assert_eq!(behind("us-east-1", Scope::CloudFront), [""; 0]);
    }
}
