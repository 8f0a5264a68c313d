//! Conversions to parameters and properties.

use super::{Part, Val};

/// A type that can be converted to a value of type `T`: a `T`, a `Val<T>`, or any type that converts to `Val<T>`.
///
/// It is implemented for every type with `Into<Val<T>>`. It is a separate trait, so that the compiler can suggest a fix
/// for a type without this conversion.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value of type `{T}`",
    label = "want `{T}`, `Val<{T}>` or what becomes one",
    note = "a secret never becomes text: hand it to a workload with `env_secret`, to a property with `.secret(path, &secret)`, to a role with `grant_read`",
    note = "an id stands for its own kind of resource alone: a subnet is not a VPC; what exists already is made with its name, as in `VpcId::new(\"vpc-0a1b\")`"
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
    message = "`{Self}` cannot be a part of a text",
    label = "want text, or a value that is text once it is deployed",
    note = "a secret never becomes text: hand it to a workload with `env_secret`, which refers to it where it lies",
    note = "a number is made text with `.to_string()`, a list with `.join(\",\")`"
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
