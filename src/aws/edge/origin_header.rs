//! The header by which a load balancer knows its own distribution.

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
    /// Which value is sent: raise it by one to rotate. Default: 0, the first one.
    pub generation: u32,
    /// Other regions that keep a copy: that of the distribution, where it is another one. Default: none.
    pub replicas: Vec<Replica>,
    /// The key that encrypts all values. Default: one of their own.
    pub key: Option<Key>,
}

impl Default for OriginHeaderProps {
    fn default() -> Self {
        Self { name: "x-origin-verify".to_owned(), generation: 0, replicas: Vec::new(), key: None }
    }
}

/// A header with a generated value that a distribution sends and its load balancer asks for.
///
/// The addresses of CloudFront are those of every distribution in the world.
/// The header tells ours from the others: a request without it is answered
/// with 403. Define it in the stack of the load balancer and give it to both
/// sides, [`Clients::CloudFront`](crate::elbv2::Clients::CloudFront) and
/// [`DistributionProps::origin_header`](crate::cloudfront::DistributionProps::origin_header).
///
/// # Rotation
///
/// CloudFormation reads a secret when it changes the resource that uses it, and
/// never again, so a value that changes by itself would be known to neither
/// side. A new value is therefore a new secret: raise `generation` by one and
/// deploy. The load balancer accepts the new value and the one before it, and
/// comes first; then the distribution sends the new one, and no request is
/// lost on the way. With the next generation the oldest value is
/// deleted and no longer accepted.
///
/// Whoever may read the rules of the load balancer or the configuration of the
/// distribution can read the value there.
///
/// # Diagnostics
///
/// - `MS0607`: the distribution's region keeps no copy.
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
    /// The newest first.
    values: Vec<secrets::Secret>,
}

impl OriginHeader {
    /// Defines the value of this generation, and that of the one before.
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
                // Nobody asks for a value that is rotated out.
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

    /// Returns the values that a load balancer accepts: this generation's and the one before it.
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
    fn a_rotation_makes_a_value_and_keeps_the_last_one() {
        let ids = |platform: &Platform| -> Vec<_> {
            platform.resources("AWS::SecretsManager::Secret").iter().map(|it| it.logical_id.to_owned()).collect()
        };
        let generations = [0, 1, 2].map(|generation| ids(&with(generation)));
        assert_eq!([generations[0].len(), generations[1].len(), generations[2].len()], [1, 2, 2]);
        assert!(generations[1].contains(&generations[0][0]));
        assert!(!generations[2].contains(&generations[0][0]));
    }
}
