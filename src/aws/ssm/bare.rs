//! Bare parameters, each defined from a typed resource.

use super::Parameter;
use crate::Resource;
use crate::cfn::ssm;
use crate::diagram::DiagramNode;
use crate::tree::Construct;

impl Parameter {
    /// Defines a bare parameter with a full name, such as `/shared/partner-url`.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::ssm::parameter::Type;
    /// # use meshsynth::{App, Env, Stack, cfn, ssm};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let image = cfn::ssm::Parameter::new(Type::String, "1.4.0");
    /// let image = ssm::Parameter::bare(&data, "image", "/shared/image", image);
    /// image.resource().logical_id("Image");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, name: &str, parameter: ssm::Parameter) -> Self {
        let scope = scope.scope().construct(id);
        super::check_name(&scope, name);
        parameter.name(name).define(&scope, "resource");
        scope.diagram(DiagramNode::new("parameter").label(name));
        Self { scope, name: name.to_owned(), key: None }
    }

    /// Returns the resource of the parameter, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<ssm::Parameter> {
        Resource::of(self, "resource")
    }
}
