//! The attributes of a resource type.

use crate::Scope;

/// The attributes of a resource type, with one method for each attribute. The handle of a resource dereferences to this
/// type.
pub trait Attributes {
    /// Returns the attributes of the resource in this scope.
    fn of(scope: Scope) -> Self;

    /// Returns the scope of the resource.
    fn place(&self) -> &Scope;
}

/// A type that a [`Resource`](crate::Resource) can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource type",
    note = "use `Resource<cfn::Raw>` for a resource type without a Rust type"
)]
pub trait Attributed {
    /// The attributes of the resource type.
    type Attributes: Attributes;
}
