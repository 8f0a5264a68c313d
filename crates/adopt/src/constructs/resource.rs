//! The input and the result of writing a construct.

use meshsynth_model::val::{Bag, Data};

use crate::code::{Named, Writer};
use crate::tree::Expr;

/// A resource written as a construct.
pub struct ConstructCode {
    /// The expression that defines it.
    pub expr: Expr,
    /// The path of the construct, such as `sqs::Queue`, or of the method, such as `s3::Bucket::add_policy`.
    pub path: &'static str,
    /// Whether the variable is a construct that contains the resource. Otherwise, it is the resource.
    pub is_construct: bool,
    /// The construct that it belongs to: its logical ID, and the path of the resource below it.
    pub within: Option<(String, String)>,
}

/// A resource to write.
pub struct ResourceInput<'a> {
    /// The type of the resource.
    pub type_name: &'a str,
    /// Its properties.
    pub props: &'a Bag,
    /// The ID of its construct.
    pub id: &'a str,
    /// Its logical ID.
    pub logical_id: &'a str,
    /// Whether it is referenced.
    pub is_needed: bool,
    /// The whole template.
    pub template: &'a Data,
}

/// Returns the variable of a resource that is written as this construct.
pub(super) fn construct<'a>(writer: &'a Writer<'_>, id: &str, path: &str) -> Option<&'a str> {
    match writer.named.get(id)? {
        Named::Construct(variable, construct) if construct.path == path => Some(variable),
        _ => None,
    }
}
