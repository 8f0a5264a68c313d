//! Bare keys, each defined from a typed resource.

use super::Key;
use crate::Resource;
use crate::cfn::kms;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::IntoVal;

impl Key {
    /// Defines a bare key, without an alias. Only the typed resource configures rotation. The key supports encryption
    /// and grants like every key.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, kms};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let key = kms::Key::bare(&data, "key", cfn::kms::Key::new().enable_key_rotation(true));
    /// key.resource().logical_id("Key").retain();
    /// key.add_alias("alias", "alias/shop").logical_id("KeyAlias");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, key: kms::Key) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::quiet("key"));
        let key = key.define(&scope, "resource");
        Self { scope, arn: key.arn(), key: Some(key.scope().clone()) }
    }

    /// Returns the resource of the key, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<kms::Key> {
        Resource::of(self, "resource")
    }

    /// Adds an alias, such as `alias/shop`.
    #[track_caller]
    pub fn add_alias(&self, id: &str, name: impl IntoVal<String>) -> Resource<kms::Alias> {
        kms::Alias::new(name, self.resource().reference()).define(self, id)
    }

    /// Adds a bare alias, which can refer to the key by its ARN.
    #[track_caller]
    pub fn add_alias_with(&self, id: &str, alias: kms::Alias) -> Resource<kms::Alias> {
        alias.define(self, id)
    }
}
