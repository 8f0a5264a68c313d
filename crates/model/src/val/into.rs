//! Conversions to parameters and properties.

use super::{Part, Val};

/// A type that can be converted to a value of type `T`: a `T`, a `Val<T>`, or any type that converts to `Val<T>`.
///
/// Every type with `Into<Val<T>>` implements this trait. It is a separate trait, so that the compiler can print a
/// helpful message for types without this conversion.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value of type `{T}`",
    label = "expected `{T}`, `Val<{T}>` or a type that converts to them",
    note = "a secret cannot be converted to text: use `env_secret` for a workload, `.secret(path, &secret)` for a property, or `grant_read` for a role",
    note = "an id refers to one type of resource: a subnet is not a VPC; for an existing resource, convert its name, such as `VpcId::new(\"vpc-0a1b\")`"
)]
pub trait IntoVal<T> {
    /// Converts to the value.
    fn into_val(self) -> Val<T>;
}

#[diagnostic::do_not_recommend]
impl<T, V: Into<Val<T>>> IntoVal<T> for V {
    fn into_val(self) -> Val<T> {
        self.into()
    }
}

/// A type that can be a part of a [`text!`](crate::text).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted into a text",
    label = "expected text, or a value that is text after the deployment",
    note = "a secret cannot be converted to text: use `env_secret`, which gives a workload a reference to the secret",
    note = "convert a number with `.to_string()`, and a list with `.join(\",\")`"
)]
pub trait IntoPart {
    /// Converts to the part.
    fn into_part(self) -> Part;
}

#[diagnostic::do_not_recommend]
impl<P: Into<Part>> IntoPart for P {
    fn into_part(self) -> Part {
        self.into()
    }
}
