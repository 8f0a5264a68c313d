//! Conversion of resources to constructs.
//!
//! A construct of the library has more defaults than a template, such as a separate key or a policy that requires TLS.
//! Therefore, an existing resource uses the constructor `bare`, such as `sqs::Queue::bare`. It defines only
//! the resource, so the deployment does not change. Grants, targets and diagrams still recognize it. The report lists
//! the additions of `new`.

mod bare;
mod clusters;
mod edge;
mod methods;
mod nested_stack;
mod network;
mod resource;
mod stores;

use meshsynth_model::val::Data;

use crate::code::Writer;

pub use nested_stack::nested_stack;
pub use resource::{ConstructCode, ResourceInput};

/// Writes a resource as a construct, or returns `None` if no construct fits.
pub fn make(input: &ResourceInput<'_>, writer: &mut Writer<'_>) -> Option<ConstructCode> {
    methods::make(input, writer).or_else(|| bare::make(input, writer))
}

/// Returns the logical ID of the construct that a resource belongs to without a reference, such as the network of an
/// internet gateway.
pub fn unnamed_owner<'a>(template: &'a Data, type_name: &str, id: &'a str) -> Option<&'a str> {
    methods::unnamed_owner(template, type_name, id)
}
