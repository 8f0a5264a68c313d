//! User pool domains, which serve the sign-in pages and the token endpoint.

use crate::acm::Certificate;
use crate::cfn::cognito;
use crate::cfn::cognito::user_pool_domain::{CustomDomainConfigType, SecurityPolicy};
use crate::route53::{HostedZone, Record, RecordProps, Target};
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::Val;

use super::UserPool;

/// The name of a domain.
#[derive(Clone)]
pub enum DomainName {
    /// A prefix of the Cognito domain, such as `shop` in `shop.auth.eu-west-1.amazoncognito.com`. It must be unique in
    /// the region.
    Prefix(String),
    /// A custom domain.
    Own {
        /// The domain name, such as `login.shop.example.com`. Its parent domain must have an A
        /// record.
        name: String,
        /// The certificate of the domain, in us-east-1.
        certificate: Certificate,
        /// The hosted zone of the alias record.
        zone: HostedZone,
    },
}

/// The domain of a [`UserPool`].
#[derive(Clone)]
pub struct Domain {
    scope: Scope,
    host: Val<String>,
}

/// The hosted zone of all CloudFront distributions. Cognito serves custom domains from CloudFront.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/cf_region.html>
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";

impl UserPool {
    /// Adds a domain to the pool.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpooldomain.html>
    #[track_caller]
    pub fn add_domain(&self, id: &str, name: DomainName) -> Domain {
        let scope = self.scope.construct(id);
        let host = match name {
            DomainName::Prefix(prefix) => {
                let host = format!("{prefix}.auth.{}.amazoncognito.com", scope.region());
                cognito::UserPoolDomain::new(prefix, self.id()).managed_login_version(2).define(&scope, "resource");
                host
            }
            DomainName::Own { name, certificate, zone } => {
                let custom = CustomDomainConfigType::new()
                    .certificate_arn(certificate.arn())
                    .security_policy(SecurityPolicy::TlsV1_2_2021);
                let domain = cognito::UserPoolDomain::new(name.clone(), self.id())
                    .custom_domain_config(custom)
                    .managed_login_version(2)
                    .define(&scope, "resource");
                let target = Target::Alias {
                    name: domain.cloud_front_distribution(),
                    zone: CLOUDFRONT_ZONE.into(),
                    evaluate_health: false,
                    ipv6: true,
                };
                Record::new(&scope, "record", &zone, &name, target, RecordProps::default());
                name
            }
        };
        Domain { host: host.into(), scope }
    }
}

impl Domain {
    /// Returns the host name of the sign-in pages.
    pub fn host(&self) -> Val<String> {
        self.host.clone()
    }

    /// Returns the URL of the token endpoint.
    pub fn token_url(&self) -> Val<String> {
        text!["https://", self.host(), "/oauth2/token"]
    }
}

impl Construct for Domain {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::DomainName;
    use crate::acm::{Certificate, CertificateProps};
    use crate::cognito::{UserPool, UserPoolProps};
    use crate::route53::HostedZone;
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    #[test]
    fn prefix_domain_is_known_at_synthesis() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "people");
            let pool = UserPool::new(&run, "people", UserPoolProps::default());
            let domain = pool.add_domain("login", DomainName::Prefix("acme-shop".to_owned()));
            run.output("Tokens", domain.token_url());
        });
        let url = &platform.template("people")["Outputs"]["Tokens"]["Value"];
        assert_eq!(*url, "https://acme-shop.auth.ap-northeast-1.amazoncognito.com/oauth2/token");
    }

    #[test]
    fn custom_domain_has_alias_records() {
        let platform = Platform::synth("shop", |app| {
            let edge = Stack::new(app, "edge", Env::new("111122223333", "us-east-1"));
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
            let name = "login.shop.example.com".to_owned();
            let certificate = Certificate::new(&edge, "certificate", &name, &zone, CertificateProps::default());
            let pool = UserPool::new(&edge, "people", UserPoolProps::default());
            pool.add_domain("login", DomainName::Own { name, certificate, zone });
        });
        let records = platform.resources("AWS::Route53::RecordSet");
        assert!(records.iter().all(|it| it.props["AliasTarget"]["HostedZoneId"] == "Z2FDTNDATAQYW2"));
        assert_eq!(records.len(), 2);
    }
}
