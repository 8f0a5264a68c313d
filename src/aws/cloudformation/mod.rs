//! AWS CloudFormation: custom resources and nested stacks.

mod custom_resource;
mod nested_stack;

pub use custom_resource::{CustomResource, CustomResourceProps, ServiceToken};
pub use nested_stack::NestedStack;
