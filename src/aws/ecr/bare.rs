//! Bare repositories, each defined from a typed resource.

use super::Repository;
use crate::Resource;
use crate::cfn::ecr;
use crate::diagram::DiagramNode;
use crate::tree::Construct;

impl Repository {
    /// Defines a bare repository. Only the typed resource configures lifecycle rules and image scans.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, ecr};
    /// # let app = App::new("shop");
    /// # let images = Stack::new(&app, "images", Env::region("eu-west-1"));
    /// let orders = ecr::Repository::bare(&images, "orders", cfn::ecr::Repository::new().repository_name("shop/orders"));
    /// orders.resource().logical_id("Orders").retain();
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, repository: ecr::Repository) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("repository"));
        let repository = repository.define(&scope, "resource");
        let (name, arn, uri) = (repository.reference(), repository.arn(), repository.repository_uri());
        Self { scope, name, arn, uri, repository: Some(repository) }
    }

    /// Returns the resource of the repository, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<ecr::Repository> {
        Resource::of(self, "resource")
    }
}
