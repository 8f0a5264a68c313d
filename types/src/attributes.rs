//! The attributes of a resource type.

use crate::Scope;

/// What the handle of a resource dereferences to: a method for each attribute of its type.
pub trait Attributes {
    /// The attributes of the resource at this place.
    fn of(scope: Scope) -> Self;

    /// The place of the resource.
    fn place(&self) -> &Scope;
}

/// Whatever a [`Resource`](crate::Resource) can be of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of resource",
    note = "a resource of a type that has no Rust type here is a `Resource<cfn::Raw>`"
)]
pub trait Attributed {
    /// The attributes of such a resource.
    type Attributes: Attributes;
}
