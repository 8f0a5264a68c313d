//! Amazon CloudFront distributions.

use crate::Resource;
use crate::cfn::cloudfront;
use crate::cfn::cloudfront::distribution::{
    self, CustomOriginConfig, DefaultCacheBehavior, DistributionConfig, HttpVersion, Logging, MinimumProtocolVersion,
    Origin, SslSupportMethod, Tag, ViewerCertificate, ViewerProtocolPolicy,
};
use crate::diagram::DiagramNode;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val};

use super::super::display_name;
use super::certificate::Certificate;
use super::log_bucket::{self, Writer};
use super::origin_header::OriginHeader;
use super::target::AliasTarget;
use super::web_acl::WebAcl;

/// The caching of the origin's responses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Caching {
    /// No caching: each request reaches the origin, as an API requires.
    #[default]
    Disabled,
    /// Caches the responses that the origin allows to be cached. The cache key contains no headers, cookies or query
    /// strings.
    Optimized,
    /// Caches the responses that the origin's `Cache-Control` header allows to be cached. The cache key contains
    /// headers, cookies and query strings.
    OriginDecides,
}

impl Caching {
    /// Returns the ID of the managed cache policy. aws-cdk-lib 2.276 contains the same IDs.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>
    fn policy(&self) -> &'static str {
        match self {
            Caching::Disabled => "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            Caching::Optimized => "658327ea-f89d-4fab-a63d-7e88639e58f6",
            Caching::OriginDecides => "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
        }
    }
}

/// The edge locations that serve viewers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PriceClass {
    /// All edge locations.
    All,
    /// All edge locations except South America and Oceania.
    #[default]
    Most,
    /// Only edge locations in North America, Europe and Israel.
    Cheapest,
}

/// Properties of a [`Distribution`].
#[derive(Clone)]
pub struct DistributionProps {
    /// The alternate domain names, in addition to the CloudFront domain name. Default: none.
    pub aliases: Vec<String>,
    /// The certificate for these names, in us-east-1. Default: CloudFront's certificate for the CloudFront name.
    pub certificate: Option<Certificate>,
    /// The web ACL, of scope `CloudFront`. Default: none.
    pub web_acl: Option<WebAcl>,
    /// The header that the origin requires, so that clients cannot bypass the distribution. Default: none.
    pub origin_header: Option<OriginHeader>,
    /// The caching of the origin's responses. Default: disabled.
    pub caching: Caching,
    /// The edge locations that serve viewers. Default: `Most`.
    pub price_class: PriceClass,
    /// Days after which access logs are deleted. Default: 90.
    pub log_days: u16,
}

impl Default for DistributionProps {
    fn default() -> Self {
        Self {
            aliases: Vec::new(),
            certificate: None,
            web_acl: None,
            origin_header: None,
            caching: Caching::Disabled,
            price_class: PriceClass::default(),
            log_days: 90,
        }
    }
}

/// A CloudFront distribution in front of an HTTPS origin, such as a load balancer.
///
/// The distribution has these settings:
///
/// - TLS 1.2 (policy of 2021) or newer to viewers and to the origin.
/// - Plain HTTP requests are redirected to HTTPS.
/// - The origin receives the headers, the cookies and the query string of the viewer's request.
/// - Responses contain the usual security headers.
/// - Access logs are written to a private bucket.
///
/// The origin's certificate must be valid for the origin's host name or for an alternate domain name of the
/// distribution.
///
/// # Diagnostics
///
/// - `MS0601`: the certificate or the web ACL is not in us-east-1.
/// - `MS0607`: the value of the header is stored only in another region.
///
/// # Example
///
/// ```
/// # use meshsynth::{cloudfront, App, Env, Stack};
/// # let app = App::new("shop");
/// # let edge = Stack::new(&app, "edge", Env::region("us-east-1"));
/// cloudfront::Distribution::new(&edge, "distribution", "origin.shop.example.com", Default::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html>
#[derive(Clone)]
pub struct Distribution {
    scope: Scope,
    distribution: Resource<cloudfront::Distribution>,
}

impl Distribution {
    /// Defines a distribution in front of the host `origin`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, origin: impl IntoVal<String>, props: DistributionProps) -> Self {
        let scope = scope.scope().construct(id);
        let logs = log_bucket::define(&scope, Writer::CloudFront, props.log_days);
        let class = match props.price_class {
            PriceClass::All => distribution::PriceClass::PriceClassAll,
            PriceClass::Most => distribution::PriceClass::PriceClass200,
            PriceClass::Cheapest => distribution::PriceClass::PriceClass100,
        };
        let https = CustomOriginConfig::new("https-only").https_port(443).origin_ssl_protocols(["TLSv1.2"]);
        let mut origin = Origin::new(origin.into_val(), "origin").custom_origin_config(https);
        if let Some(header) = &props.origin_header {
            let value = header.sent_from(&scope.region());
            let header = Bag::default().with("HeaderName", header.name().to_owned()).with("HeaderValue", value);
            origin = origin.raw("OriginCustomHeaders", vec![Data::from(header)]);
        }
        let mut config = DistributionConfig::new(behavior(&props.caching), true)
            .comment(scope.path())
            .origins([origin])
            .http_version(HttpVersion::Http2and3)
            .ipv6_enabled(true)
            .price_class(class)
            .logging(Logging::new().bucket(logs.bucket.regional_domain_name()).include_cookies(false));
        if let Some(certificate) = &props.certificate {
            config = config.viewer_certificate(
                ViewerCertificate::new()
                    .acm_certificate_arn(certificate.arn())
                    .minimum_protocol_version(MinimumProtocolVersion::Tlsv1_2_2021)
                    .ssl_support_method(SslSupportMethod::SniOnly),
            );
        }
        if !props.aliases.is_empty() {
            config = config.aliases(&props.aliases);
        }
        if let Some(acl) = &props.web_acl {
            config = config.web_acl_id(acl.arn());
        }
        let distribution = cloudfront::Distribution::new(config)
            .tags([Tag::new("Name", display_name(&scope))])
            .define(&scope, "resource");
        distribution.depends_on(&logs.policy);
        scope.diagram(DiagramNode::entry("CloudFront distribution"));
        Self { scope, distribution }
    }

    /// Defines a bare distribution, without logs or security headers.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::cloudfront::distribution as shape;
    /// # use meshsynth::{App, Env, Stack, cfn, cloudfront, route53};
    /// # let app = App::new("shop");
    /// # let edge = Stack::new(&app, "edge", Env::region("us-east-1"));
    /// # let zone = route53::HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
    /// let origin = shape::Origin::new("origin.shop.example.com", "origin");
    /// let behavior = shape::DefaultCacheBehavior::new("origin", shape::ViewerProtocolPolicy::RedirectToHttps);
    /// let config = shape::DistributionConfig::new(behavior, true).origins([origin]);
    /// let website = cloudfront::Distribution::bare(&edge, "website", cfn::cloudfront::Distribution::new(config));
    /// website.resource().logical_id("Website");
    /// let alias = route53::Target::alias(&website);
    /// route53::Record::new(&edge, "www", &zone, "shop.example.com", alias, Default::default());
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, distribution: cloudfront::Distribution) -> Self {
        let scope = scope.scope().construct(id);
        let distribution = distribution.define(&scope, "resource");
        scope.diagram(DiagramNode::entry("CloudFront distribution"));
        Self { scope, distribution }
    }

    /// Returns the resource of the distribution, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<cloudfront::Distribution> {
        Resource::of(self, "resource")
    }

    /// Returns the CloudFront domain name, such as `d111111abcdef8.cloudfront.net`.
    pub fn domain_name(&self) -> Val<String> {
        self.distribution.domain_name()
    }

    /// Returns the ID of the distribution, for example for invalidations.
    pub fn distribution_id(&self) -> Val<String> {
        self.distribution.id()
    }
}

impl Construct for Distribution {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl AliasTarget for Distribution {
    /// Returns the domain name and the hosted zone ID, which is the same for all distributions.
    ///
    /// Source: <https://docs.aws.amazon.com/general/latest/gr/cf_region.html>
    fn alias(&self) -> (Val<String>, Val<String>) {
        (self.domain_name(), Val::from("Z2FDTNDATAQYW2"))
    }

    fn has_health(&self) -> bool {
        false
    }

    fn has_ipv6(&self) -> bool {
        true
    }
}

/// Returns the default cache behavior with policies that AWS manages. The origin receives the headers, the cookies and
/// the query string of the viewer's request. Responses contain security headers. aws-cdk-lib 2.276 contains the same
/// policy IDs.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html>
fn behavior(caching: &Caching) -> DefaultCacheBehavior {
    const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
    const SECURITY_HEADERS: &str = "67f7725c-6f97-4210-82d7-5512b31e9d03";
    DefaultCacheBehavior::new("origin", ViewerProtocolPolicy::RedirectToHttps)
        .allowed_methods(["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"])
        .cache_policy_id(caching.policy())
        .origin_request_policy_id(ALL_VIEWER)
        .response_headers_policy_id(SECURITY_HEADERS)
        .compress(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::edge::route53::{HostedZone, Record, Target};
    use crate::testing::Platform;
    use crate::{Env, Stack};

    #[test]
    fn distribution_uses_tls_and_sends_origin_header() {
        let platform = Platform::synth("shop", |app| {
            let edge = Stack::new(app, "edge", Env::new("111122223333", "us-east-1"));
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
            let certificate = Certificate::new(&edge, "certificate", zone.domain(), &zone, Default::default());
            let header = OriginHeader::new(&edge, "header", Default::default());
            let props = DistributionProps {
                aliases: vec![zone.domain().to_owned()],
                certificate: Some(certificate),
                origin_header: Some(header),
                ..Default::default()
            };
            let distribution = Distribution::new(&edge, "distribution", "origin.shop.example.com", props);
            Record::new(&edge, "name", &zone, zone.domain(), Target::alias(&distribution), Default::default());
        });
        let config = &platform.resource("AWS::CloudFront::Distribution").props["DistributionConfig"];
        assert_eq!(config["ViewerCertificate"]["MinimumProtocolVersion"], "TLSv1.2_2021");
        assert_eq!(config["DefaultCacheBehavior"]["ViewerProtocolPolicy"], "redirect-to-https");
        assert_eq!(config["Origins"][0]["CustomOriginConfig"]["OriginProtocolPolicy"], "https-only");
        let header = config["Origins"][0]["OriginCustomHeaders"][0]["HeaderValue"].to_string();
        assert!(header.contains("resolve:secretsmanager"), "{header}");
        let records = platform.resources("AWS::Route53::RecordSet");
        let mut types: Vec<_> = records.iter().filter_map(|it| it.props["Type"].as_str()).collect();
        types.sort_unstable();
        assert_eq!(types, ["A", "AAAA"]);
        let alias = &records[1].props["AliasTarget"];
        assert_eq!(
            (alias["HostedZoneId"].as_str(), alias["EvaluateTargetHealth"].as_bool()),
            (Some("Z2FDTNDATAQYW2"), Some(false))
        );
    }
}
