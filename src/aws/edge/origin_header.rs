//! The header that authenticates a distribution to its load balancer.

use crate::aws::data;
use crate::kms::Key;
use crate::node::OnDelete;
use crate::secrets::{self, Replica, SecretProps};
use crate::tree::{Construct, Scope};
use crate::val::Secret;

/// Properties of an [`OriginHeader`].
#[derive(Clone)]
pub struct OriginHeaderProps {
    /// The name of the header. Default: `x-origin-verify`.
    pub name: String,
    /// The generation of the value. Increase it by one to rotate the value. Default: 0, the first generation.
    pub generation: u32,
    /// Replicas of the secret in other regions. If the distribution is in another region, that region needs a replica.
    /// Default: none.
    pub replicas: Vec<Replica>,
    /// The key that encrypts all values. Default: a separate key.
    pub key: Option<Key>,
}

impl Default for OriginHeaderProps {
    fn default() -> Self {
        Self { name: "x-origin-verify".to_owned(), generation: 0, replicas: Vec::new(), key: None }
    }
}

/// A header with a generated value that a distribution sends and its load balancer requires.
///
/// The IP addresses of CloudFront are shared by all distributions of all accounts. Therefore, only the header
/// identifies one distribution, and a request without it receives a 403 response. Define the header in the stack of the
/// load balancer. Pass it to the load balancer and to the distribution:
/// [`Clients::CloudFront`](crate::elbv2::Clients::CloudFront) and
/// [`DistributionProps::origin_header`](crate::cloudfront::DistributionProps::origin_header).
///
/// # Rotation
///
/// CloudFormation reads a secret only when it changes the resource that uses it. Therefore, automatic rotation would
/// update neither the load balancer nor the distribution. Instead, each value is a separate secret: increase
/// `generation` by one and deploy. The load balancer is deployed first and accepts the new and the previous value. Then
/// the distribution sends the new value, so no request fails. The next generation deletes the oldest value.
///
/// Principals that may read the load balancer rules or the distribution configuration can read the value
/// there.
///
/// # Diagnostics
///
/// - `MS0607`: the secret has no replica in the distribution's region.
///
/// # Example
///
/// ```
/// # use meshsynth::{cloudfront, testing, App};
/// # let app = App::new("shop");
/// # let edge = testing::stack(&app, "edge");
/// let header = cloudfront::OriginHeader::new(&edge, "origin-header", Default::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html>
#[derive(Clone)]
pub struct OriginHeader {
    scope: Scope,
    name: String,
    /// The secrets, newest first.
    values: Vec<secrets::Secret>,
}

impl OriginHeader {
    /// Defines the values of this generation and of the previous generation.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: OriginHeaderProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key.clone());
        let generations = [Some(props.generation), props.generation.checked_sub(1)];
        let value = |generation: u32| {
            let secret = SecretProps {
                description: format!("Value {generation} of the header {}", props.name),
                key: Some(key.clone()),
                replicas: props.replicas.clone(),
                // A rotated value is no longer used.
                on_delete: OnDelete::Delete,
                ..Default::default()
            };
            secrets::Secret::new(&scope, &format!("generation-{generation}"), secret)
        };
        let values = generations.into_iter().flatten().map(value).collect();
        Self { scope, name: props.name, values }
    }

    /// Returns the name of the header.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the value that a distribution of a stack in `region` sends.
    pub fn sent_from(&self, region: &str) -> Secret {
        self.values[0].in_region(region).secret().field("password")
    }

    /// Returns the values that a load balancer accepts: the value of this generation and the value of the previous
    /// generation.
    pub fn accepted(&self) -> Vec<Secret> {
        self.values.iter().map(|value| value.secret().field("password")).collect()
    }
}

impl Construct for OriginHeader {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Platform, stack};

    fn with(generation: u32) -> Platform {
        Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let header = OriginHeader::new(&edge, "header", OriginHeaderProps { generation, ..Default::default() });
            assert_eq!(header.accepted()[0], header.sent_from("ap-northeast-1"));
        })
    }

    #[test]
    fn rotation_keeps_the_previous_value() {
        let ids = |platform: &Platform| -> Vec<_> {
            platform.resources("AWS::SecretsManager::Secret").iter().map(|it| it.logical_id.to_owned()).collect()
        };
        let generations = [0, 1, 2].map(|generation| ids(&with(generation)));
        assert_eq!([generations[0].len(), generations[1].len(), generations[2].len()], [1, 2, 2]);
        assert!(generations[1].contains(&generations[0][0]));
        assert!(!generations[2].contains(&generations[0][0]));
    }
}
