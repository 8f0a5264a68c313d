//! The hand-written parts of `meshsynth::cfn`: traits, identifiers, and resources without a generated type.

mod custom_resource;
pub mod ids;
mod resource_type;

pub use custom_resource::{CustomResource, CustomResourceAttributes};
pub use resource_type::{Attributed, Attributes, Raw, RawAttributes, ResourceType};
