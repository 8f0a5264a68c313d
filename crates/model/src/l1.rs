//! The macros that define the generated types, in this crate and in `meshsynth-services`.
//!
//! Every generated type is a newtype over one [`Bag`](crate::val::Bag). Its `new` takes the required properties, and
//! each other property has a setter. Setters are generic over `Into<Val<T>>`, so a setter is compiled only if a program
//! uses it.
//!
//! The compiler checks every function of 3,900 types. Therefore, the build time depends on the number of derived traits
//! and on the length of function bodies. All functions are `#[inline]` or generic, so that machine code is generated
//! only for functions that a program calls.

use crate::val::{Bag, IntoVal, Value};

/// Returns a bag with one more property. Every setter calls it.
pub fn with<T: Value>(mut bag: Bag, key: &'static str, value: impl IntoVal<T>) -> Bag {
    bag.put(key.into(), value.into_val().into_data());
    bag
}

/// Defines a record, the type of a nested property.
///
/// `Name { required: Type = "Key", ... } { optional: Type = "Key", ... }`
#[doc(hidden)]
#[macro_export]
macro_rules! __record {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($req:ident: $req_type:ty = $req_key:literal),* $(,)? } { $($opt:ident: $opt_type:ty = $opt_key:literal),* $(,)? }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name($crate::val::Bag);

        impl $name {
            #[doc = concat!("A `", stringify!($name), "` with what it requires.")]
            #[allow(clippy::new_without_default, clippy::too_many_arguments)]
            #[inline]
            pub fn new($($req: impl $crate::val::IntoVal<$req_type>),*) -> Self {
                let bag = $crate::val::Bag::default();
                $(let bag = $crate::l1::with::<$req_type>(bag, $req_key, $req);)*
                Self(bag)
            }
            $(
                #[doc = concat!("Sets `", $opt_key, "`.")]
                #[must_use]
                pub fn $opt(self, value: impl $crate::val::IntoVal<$opt_type>) -> Self {
                    Self($crate::l1::with::<$opt_type>(self.0, $opt_key, value))
                }
            )*
            /// Sets a property by its name, for properties that the schema does not contain yet.
            #[must_use]
            pub fn raw(self, key: impl Into<$crate::val::Key>, value: impl Into<$crate::val::Data>) -> Self {
                Self(self.0.with_raw(key, value))
            }
        }

        impl $crate::val::Value for $name {
            #[inline]
            fn into_data(self) -> $crate::val::Data {
                $crate::val::Data::Map(self.0)
            }
        }
    )+};
}

/// Defines a CloudFormation resource type with its properties, its attributes and the type of its
/// `Ref`.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource {
    (
        $(#[$doc:meta])*
        $name:ident = $type_name:literal
        { $($req:ident: $req_type:ty = $req_key:literal),* $(,)? }
        { $($opt:ident: $opt_type:ty = $opt_key:literal),* $(,)? }
        attributes $attributes:ident { $($attr:ident: $attr_type:ty = $attr_name:literal),* $(,)? }
        reference: $reference:ty
    ) => {
        $crate::l1::record! {
            $(#[$doc])*
            $name { $($req: $req_type = $req_key),* } { $($opt: $opt_type = $opt_key),* }
        }

        impl $name {
            /// Defines the resource in the stack that `scope` belongs to.
            #[track_caller]
            pub fn define(self, scope: &impl $crate::Construct, id: &str) -> $crate::Resource<$name> {
                $crate::Resource::define(scope, id, $type_name, self.0)
            }
        }

        #[doc = concat!("The attributes of a [`", stringify!($name), "`].")]
        pub struct $attributes($crate::Scope);

        impl $attributes {
            /// Returns the `Ref` of the resource.
            #[inline]
            pub fn reference(&self) -> $crate::Val<$reference> {
                self.0.attr("Ref")
            }
            $(
                #[doc = concat!("The attribute `", $attr_name, "`.")]
                #[inline]
                pub fn $attr(&self) -> $crate::Val<$attr_type> {
                    self.0.attr($attr_name)
                }
            )*
        }

        impl $crate::cfn::Attributes for $attributes {
            #[inline]
            fn of(scope: $crate::Scope) -> Self {
                Self(scope)
            }
            #[inline]
            fn place(&self) -> &$crate::Scope {
                &self.0
            }
        }

        impl $crate::cfn::Attributed for $name {
            type Attributes = $attributes;
        }

        impl $crate::cfn::ResourceType for $name {
            const TYPE: &'static str = $type_name;
        }
    };
}

/// Defines a Kubernetes kind with its `apiVersion`. All fields except `metadata` are properties.
#[doc(hidden)]
#[macro_export]
macro_rules! __object {
    (
        $(#[$doc:meta])*
        $name:ident = $api_version:literal $kind:literal $wave:ident $($namespaced:ident)?
        { $($req:ident: $req_type:ty = $req_key:literal),* $(,)? }
        { $($opt:ident: $opt_type:ty = $opt_key:literal),* $(,)? }
    ) => {
        $crate::l1::record! {
            $(#[$doc])*
            $name { $($req: $req_type = $req_key),* } { $($opt: $opt_type = $opt_key),* }
        }

        impl $name {
            /// Defines the object named `name` in the cluster that `scope` belongs to.
            ///
            /// The construct id is `id`. If `metadata.namespace` is not set, the namespace of the scope is used.
            #[track_caller]
            pub fn define(self, scope: &impl $crate::Construct, id: &str, name: &str) -> $crate::Object<$name> {
                $crate::Object::define(scope, id, name, self.0)
            }
        }

        impl $crate::kube::Kind for $name {
            const API_VERSION: &'static str = $api_version;
            const KIND: &'static str = $kind;
            const NAMESPACED: bool = $crate::l1::namespaced!($($namespaced)?);
            const WAVE: $crate::Wave = $crate::Wave::$wave;
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __namespaced {
    () => {
        false
    };
    (namespaced) => {
        true
    };
}

/// Defines an enum of the vendor's values, which also accepts values that the vendor adds later.
#[doc(hidden)]
#[macro_export]
macro_rules! __choices {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($variant:ident = $text:literal),+ $(,)? }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[allow(missing_docs)]
        pub enum $name {
            $($variant,)+
            /// A value that is newer than this list.
            Other(String),
        }

        impl $crate::val::Value for $name {
            #[inline]
            fn into_data(self) -> $crate::val::Data {
                match self {
                    $($name::$variant => $crate::val::Data::from($text),)+
                    $name::Other(text) => $crate::val::Data::from(text),
                }
            }
        }
    )+};
}

pub use {
    __choices as choices, __namespaced as namespaced, __object as object, __record as record, __resource as resource,
};
