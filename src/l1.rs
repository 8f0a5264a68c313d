//! The shapes that generated types are written in.
//!
//! Every generated type is a newtype over one [`Bag`](crate::val::Bag), with a
//! `new` that takes what is required and a setter for each optional property. Setters are
//! generic over `Into<Val<T>>`, so they cost nothing to compile until used.

/// A record: the type of a nested property.
///
/// `Name { required: Type = "Key", ... } { optional: Type = "Key", ... }`
macro_rules! record {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($req:ident: $req_type:ty = $req_key:literal),* $(,)? } { $($opt:ident: $opt_type:ty = $opt_key:literal),* $(,)? }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name($crate::val::Bag);

        impl $name {
            #[doc = concat!("A `", stringify!($name), "` with what it requires.")]
            #[allow(clippy::new_without_default, clippy::too_many_arguments, unused_mut)]
            pub fn new($($req: impl $crate::val::IntoVal<$req_type>),*) -> Self {
                let mut bag = $crate::val::Bag::default();
                $(bag.set($req_key, $crate::val::IntoVal::into_val($req));)*
                Self(bag)
            }
            $(
                #[doc = concat!("Sets `", $opt_key, "`.")]
                #[must_use]
                pub fn $opt(mut self, value: impl $crate::val::IntoVal<$opt_type>) -> Self {
                    self.0.set($opt_key, $crate::val::IntoVal::into_val(value));
                    self
                }
            )*
            /// Sets a property by its name, for what the schema does not know yet.
            #[must_use]
            pub fn raw(mut self, key: impl Into<$crate::val::Key>, value: impl Into<$crate::val::Data>) -> Self {
                self.0.set(key, value);
                self
            }
        }

        impl $crate::val::Value for $name {
            fn into_data(self) -> $crate::val::Data {
                $crate::val::Data::Map(self.0)
            }
        }

        impl From<$name> for $crate::val::Data {
            fn from(value: $name) -> Self {
                $crate::val::Data::Map(value.0)
            }
        }
    )+};
}

/// A CloudFormation resource type, its properties, its attributes and what `Ref` returns.
macro_rules! resource {
    (
        $(#[$doc:meta])*
        $name:ident = $type_name:literal
        { $($req:ident: $req_type:ty = $req_key:literal),* $(,)? }
        { $($opt:ident: $opt_type:ty = $opt_key:literal),* $(,)? }
        attributes { $($attr:ident: $attr_type:ty = $attr_name:literal),* $(,)? }
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

        impl $crate::cfn::ResourceType for $name {
            const TYPE: &'static str = $type_name;
        }

        impl $crate::Resource<$name> {
            /// What `Ref` returns for the resource.
            pub fn reference(&self) -> $crate::Val<$reference> {
                self.attr("Ref")
            }
            $(
                #[doc = concat!("The attribute `", $attr_name, "`.")]
                pub fn $attr(&self) -> $crate::Val<$attr_type> {
                    self.attr($attr_name)
                }
            )*
        }
    };
}

/// A Kubernetes kind with its `apiVersion`; everything beside `metadata` is a property.
macro_rules! object {
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
            /// The construct id is `id`; the namespace is that of the scope unless
            /// `metadata.namespace` is set.
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

macro_rules! namespaced {
    () => {
        false
    };
    (namespaced) => {
        true
    };
}

/// A closed list of the vendor's values, open for those that come later.
macro_rules! choices {
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
            fn into_data(self) -> $crate::val::Data {
                match self {
                    $($name::$variant => $crate::val::Data::from($text),)+
                    $name::Other(text) => $crate::val::Data::from(text),
                }
            }
        }

        impl From<$name> for $crate::val::Data {
            fn from(value: $name) -> Self {
                $crate::val::Value::into_data(value)
            }
        }
    )+};
}

pub(crate) use {choices, namespaced, object, record, resource};
