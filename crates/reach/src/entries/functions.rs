//! Function URLs.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.

use crate::edit::Edit;
use crate::link::{Layer, Link, Verdict};
use crate::world::{ResourceId, World};

/// A function URL.
#[derive(Clone, Debug)]
pub struct Url {
    /// The resource that defines it.
    pub id: ResourceId,
    /// Whether requests must be signed.
    pub is_signed: bool,
    /// Its requirements.
    pub link: Link,
}

/// Returns the URLs of a function.
pub fn urls(world: &World, function: ResourceId) -> Vec<Url> {
    let of = |id: &ResourceId| {
        let resource = world.resource(*id);
        let target = resource.property("TargetFunctionArn");
        (world.named_by(target)? == function).then_some(())?;
        let is_signed = resource.property("AuthType") != "NONE";
        let (verdict, why) = match is_signed {
            true => (Verdict::Denied, "requires a request with an IAM signature"),
            false => (Verdict::Allowed, "accepts requests from any client"),
        };
        let to = if is_signed { "NONE" } else { "AWS_IAM" };
        let edit = Edit::set(resource.title(), "AuthType".to_owned(), &resource.at, to.into());
        let link = Link::new(Layer::Entry, verdict, why).by(resource.title(), "AuthType", &resource.at);
        Some(Url { id: *id, is_signed, link: link.edited(vec![edit]) })
    };
    world.of_type("AWS::Lambda::Url").iter().filter_map(of).collect()
}
