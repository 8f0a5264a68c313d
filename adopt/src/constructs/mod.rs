//! Resources that are written as constructs.
//!
//! A construct of the library says more than a template does: a key of its own, a policy that asks for TLS. So a resource that
//! exists becomes the bare form of its construct, `sqs::Queue::bare`, which is the resource and nothing beside it: nothing
//! changes, and grants, targets and pictures know what it is. What `new` would add is told by the report.

mod alone;
mod clusters;
mod edge;
mod member;
mod network;
mod stores;
mod wanted;

use meshsynth_types::val::Data;

use crate::code::Writer;

pub use wanted::{Made, Wanted};

/// The resource as a construct, or none where no construct is that.
pub fn make(wanted: &Wanted<'_>, writer: &mut Writer<'_>) -> Option<Made> {
    member::make(wanted, writer).or_else(|| alone::make(wanted, writer))
}

/// The logical id of the construct that a resource becomes a part of without naming it: the network of an internet gateway.
pub fn unnamed_owner<'a>(template: &'a Data, type_name: &str, id: &'a str) -> Option<&'a str> {
    member::unnamed_owner(template, type_name, id)
}
