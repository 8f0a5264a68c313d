//! AWS Certificate Manager (ACM) certificates.

use crate::Resource;
use crate::aws::existing::ArnForm;
use crate::cfn::certificatemanager;
use crate::cfn::certificatemanager::certificate::{
    CertificateTransparencyLoggingPreference, DomainValidationOption, Tag,
};
use crate::cfn::ids::CertificateArn;
use crate::tree::{Construct, Scope};
use crate::val::Val;

use super::super::display_name;
use super::zone::HostedZone;

/// Properties of a [`Certificate`].
#[derive(Clone, Debug, Default)]
pub struct CertificateProps {
    /// Additional domain names, such as `*.shop.example.com`, in the same hosted zone. Default: none.
    pub alternative_names: Vec<String>,
}

/// A public certificate. CloudFormation writes the DNS validation records into the hosted zone. ACM validates and
/// renews the certificate.
///
/// The certificate is valid only in the region of its stack. CloudFront requires viewer certificates in us-east-1, so
/// define them in a stack there. The hosted zone and the distribution may be in stacks of other regions.
///
/// # Diagnostics
///
/// - `MS0130`: the imported value is not the ARN of a certificate.
/// - `MS0131`: the imported certificate is in another region than the stack.
///
/// # Example
///
/// ```
/// # use meshsynth::{acm, route53, App, Env, Stack};
/// # let app = App::new("shop");
/// # let edge = Stack::new(&app, "edge", Env::region("us-east-1"));
/// # let zone = route53::HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
/// let certificate = acm::Certificate::new(&edge, "certificate", "shop.example.com", &zone, acm::CertificateProps {
///     alternative_names: vec!["*.shop.example.com".to_owned()],
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html>
#[derive(Clone)]
pub struct Certificate {
    scope: Scope,
    arn: Val<CertificateArn>,
}

/// An existing certificate in the region of the stack that imports it.
#[derive(Clone, Debug)]
pub struct ExistingCertificate {
    /// Its ARN.
    pub arn: Val<CertificateArn>,
}

impl ExistingCertificate {
    /// Refers to a certificate by its ARN.
    pub fn arn(arn: impl Into<String>) -> Self {
        Self { arn: CertificateArn::new(arn).into() }
    }
}

/// The ARN format of a certificate.
const FORM: ArnForm = ArnForm {
    what: "certificate",
    service: "acm",
    resource: "certificate/",
    example: "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012",
};

impl Certificate {
    /// Defines a certificate for a domain of `zone`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, domain: &str, zone: &HostedZone, props: CertificateProps) -> Self {
        let scope = scope.scope().construct(id);
        let names: Vec<&str> = [domain].into_iter().chain(props.alternative_names.iter().map(String::as_str)).collect();
        // One validation record serves a domain and its wildcard.
        let is_served = |name: &str| name.strip_prefix("*.").is_some_and(|parent| names.contains(&parent));
        let mut validated: Vec<&str> = names.iter().copied().filter(|name| !is_served(name)).collect();
        validated.sort_unstable();
        validated.dedup();
        let option = |name: &&str| {
            DomainValidationOption::new().domain_name(*name).hosted_zone_id(Val::<String>::from(zone.zone_id()))
        };
        let mut certificate = certificatemanager::Certificate::new(domain)
            .validation_method("DNS")
            .domain_validation_options(validated.iter().map(option).collect::<Vec<_>>())
            .certificate_transparency_logging_preference(CertificateTransparencyLoggingPreference::Enabled)
            .tags([Tag::new("Name", display_name(&scope))]);
        if !props.alternative_names.is_empty() {
            certificate = certificate.subject_alternative_names(&props.alternative_names);
        }
        let certificate = certificate.define(&scope, "resource");
        Self { arn: certificate.certificate_arn(), scope }
    }

    /// Defines a bare certificate, with any validation method.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{acm, cfn, App, Env, Stack};
    /// # let app = App::new("shop");
    /// # let edge = Stack::new(&app, "edge", Env::region("us-east-1"));
    /// let certificate = cfn::certificatemanager::Certificate::new("shop.example.com").validation_method("EMAIL");
    /// let certificate = acm::Certificate::bare(&edge, "certificate", certificate);
    /// certificate.resource().logical_id("Certificate");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, certificate: certificatemanager::Certificate) -> Self {
        let scope = scope.scope().construct(id);
        let certificate = certificate.define(&scope, "resource");
        Self { arn: certificate.reference(), scope }
    }

    /// Returns the resource of the certificate, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<certificatemanager::Certificate> {
        Resource::of(self, "resource")
    }

    /// Refers to an existing certificate. A load balancer or a distribution can use only certificates of the same
    /// account.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{acm, App, Env, Stack};
    /// # let app = App::new("shop");
    /// # let edge = Stack::new(&app, "edge", Env::region("us-east-1"));
    /// let arn = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012";
    /// let certificate = acm::Certificate::import(&edge, "certificate", acm::ExistingCertificate::arn(arn));
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingCertificate) -> Self {
        let scope = scope.scope().construct(id);
        FORM.check(&scope, &existing.arn);
        Self { arn: scope.read_here(existing.arn), scope }
    }

    /// Returns the ARN of the certificate.
    pub fn arn(&self) -> Val<CertificateArn> {
        self.arn.clone()
    }
}

impl Construct for Certificate {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    #[test]
    fn domain_and_wildcard_share_one_validation_record() {
        let platform = Platform::synth("shop", |app| {
            let zone = HostedZone::public(&stack(app, "edge"), "zone", "shop.example.com", Default::default());
            let global = Stack::new(app, "global", Env::new("111122223333", "us-east-1"));
            let alternative_names = vec!["*.shop.example.com".to_owned()];
            Certificate::new(&global, "certificate", zone.domain(), &zone, CertificateProps { alternative_names });
        });
        let certificate = platform.resource("AWS::CertificateManager::Certificate");
        let options = certificate.props["DomainValidationOptions"].as_array().expect("a list");
        assert_eq!((options.len(), certificate.props["ValidationMethod"].as_str()), (1, Some("DNS")));
        let zone = &options[0]["HostedZoneId"]["Fn::GetStackOutput"];
        assert_eq!((zone["Region"].as_str(), zone["StackName"].as_str()), (Some("ap-northeast-1"), Some("shop-edge")));
    }

    #[test]
    fn reports_certificate_of_another_region() {
        let found = |region: &str| {
            crate::testing::codes(|app| {
                let edge = stack(app, "edge");
                let vpc = crate::aws::Vpc::new(&edge, "vpc", Default::default());
                let arn = format!("arn:aws:acm:{region}:111122223333:certificate/12345678");
                let certificate = Certificate::import(&edge, "certificate", ExistingCertificate::arn(arn));
                crate::elbv2::ApplicationLoadBalancer::new(&edge, "entry", &vpc, &certificate, Default::default());
            })
        };
        assert_eq!(found("ap-northeast-1"), [""; 0]);
        assert_eq!(found("us-east-1"), ["MS0131"]);
    }
}
