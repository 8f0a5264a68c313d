//! What is asked for, and what it becomes.

use meshsynth_types::val::{Bag, Data};

use crate::code::{Named, Writer};
use crate::tree::Expr;

/// A resource as a construct makes it.
pub struct Made {
    /// The expression that defines it.
    pub expr: Expr,
    /// The construct, such as `sqs::Queue`, or what defines it, such as `s3::Bucket::add_policy`.
    pub path: &'static str,
    /// What is held is a construct, which has the resource: otherwise it is the resource itself.
    pub is_construct: bool,
    /// The construct that it is a part of: its logical id, and the path of the resource below it.
    pub within: Option<(String, String)>,
}

/// What is to be written.
pub struct Wanted<'a> {
    /// The type of the resource.
    pub type_name: &'a str,
    /// Its properties.
    pub props: &'a Bag,
    /// The id of its construct.
    pub id: &'a str,
    /// Its logical id.
    pub logical_id: &'a str,
    /// Whether something names it.
    pub is_needed: bool,
    /// The whole template.
    pub template: &'a Data,
}

/// The variable of a resource that is this construct.
pub(super) fn construct<'a>(writer: &'a Writer<'_>, id: &str, path: &str) -> Option<&'a str> {
    match writer.named.get(id)? {
        Named::Construct(variable, construct) if construct.path == path => Some(variable),
        _ => None,
    }
}
