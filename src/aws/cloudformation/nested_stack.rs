//! Nested stacks, which their parent stack deploys.

use crate::diagram::DiagramNode;
use crate::node::{self, Kind};
use crate::tree::{Construct, Scope};
use crate::val::{Bag, IntoVal, Val};
use crate::{Env, Resource, Stack, cfn};

/// A nested stack: a resource of its parent stack that deploys a separate template.
///
/// Define the resources of the template in [`NestedStack::template`]. Parameters pass values into the template, and
/// [`NestedStack::output`] reads its outputs. AWS generates the name of the nested stack.
///
/// The assembly contains the template as `<stack>-<id>.nested.template.json`. CloudFormation reads it from the template
/// URL, so upload a changed template to this URL before you deploy the parent.
///
/// # Diagnostics
///
/// - `MS0145`: the parent and the template disagree about a parameter or an output.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, cfn, cloudformation, map};
/// # let app = App::new("shop");
/// # let shop = Stack::new(&app, "shop", Env::region("eu-west-1"));
/// let url = "https://shop-templates.s3.eu-west-1.amazonaws.com/network.json";
/// let network = cloudformation::NestedStack::new(&shop, "network", url, map![("Block", "10.0.0.0/16")]);
/// let block = network.template().parameter("Block", "String", map![]);
/// let vpc = cfn::ec2::Vpc::new().cidr_block(&block).define(network.template(), "vpc");
/// network.template().output("Vpc", vpc.vpc_id());
/// shop.output("Vpc", network.output("Vpc"));
/// # app.synth().expect("it synthesizes");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html>
#[derive(Clone)]
pub struct NestedStack {
    scope: Scope,
    template: Stack,
}

impl NestedStack {
    /// Defines a nested stack with the URL of its template in Amazon S3, and the values of the template parameters.
    /// CloudFormation converts numbers and lists to text.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, template_url: impl IntoVal<String>, parameters: Bag) -> Self {
        let resource = cfn::cloudformation::Stack::new(template_url);
        let resource = if parameters.is_empty() { resource } else { resource.raw("Parameters", parameters) };
        Self::bare(scope, id, resource)
    }

    /// Defines a bare nested stack.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, cloudformation};
    /// # let app = App::new("shop");
    /// # let shop = Stack::new(&app, "shop", Env::region("eu-west-1"));
    /// let mails = cfn::cloudformation::Stack::new("https://shop-templates.s3.amazonaws.com/mails.json");
    /// let mails = cloudformation::NestedStack::bare(&shop, "mails", mails);
    /// cfn::sqs::Queue::new().define(mails.template(), "queue").retain();
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, resource: cfn::cloudformation::Stack) -> Self {
        let (parent, is_adopted) = parent(scope.scope());
        let scope = scope.scope().construct(id);
        let nested_in = Some(resource.define(&scope, "resource").scope().node());
        let (name, env) = (format!("{}-{id}", parent.0), parent.1);
        let stack = node::Stack { name, env, nested_in, is_adopted, ..Default::default() };
        let template = Stack::in_scope(scope.define("template", Kind::Stack(stack)));
        scope.diagram(DiagramNode::quiet("stack"));
        Self { scope, template }
    }

    /// Returns the template, in which its resources, parameters and outputs are defined.
    pub fn template(&self) -> &Stack {
        &self.template
    }

    /// Returns an output of the template by its name.
    pub fn output(&self, name: &str) -> Val<String> {
        self.resource().attr(format!("Outputs.{name}"))
    }

    /// Returns the typed resource, to keep its logical ID or to set properties that have no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<cfn::cloudformation::Stack> {
        Resource::of(self, "resource")
    }
}

impl Construct for NestedStack {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns the name and the environment of the enclosing stack, and whether it is adopted.
fn parent(scope: &Scope) -> ((String, Env), bool) {
    let stack = scope.stack();
    stack.read(|tree| match &tree.nodes[stack.node()].kind {
        Kind::Stack(stack) => ((stack.name.clone(), stack.env.clone()), stack.is_adopted),
        _ => ((scope.app_name(), Env::region("")), false),
    })
}

#[cfg(test)]
mod tests {
    use super::NestedStack;
    use crate::testing::stack;
    use crate::{App, cfn, map};

    #[test]
    fn writes_a_template_for_each_nested_stack() {
        let app = App::new("shop");
        let shop = stack(&app, "shop");
        let url = "https://shop.s3.amazonaws.com/mails.json";
        let mails = NestedStack::new(&shop, "mails", url, map![("Delay", 5)]);
        mails.resource().logical_id("Mails");
        let delay = mails.template().parameter("Delay", "Number", map![]);
        let queue = cfn::sqs::Queue::new().delay_seconds(&delay).define(mails.template(), "queue");
        queue.retain().logical_id("Queue");
        mails.template().output("Queue", queue.arn());
        shop.output("Queue", mails.output("Queue"));

        let files = app.synth().unwrap().files;
        let parent = &files["shop.template.json"];
        assert!(parent.contains("\"Outputs.Queue\"") && parent.contains("\"Delay\": 5"), "{parent}");
        assert!(!parent.contains("AWS::SQS::Queue"), "{parent}");
        let nested = &files["shop-mails.nested.template.json"];
        assert!(nested.contains("\"Ref\": \"Delay\"") && nested.contains("AWS::SQS::Queue"), "{nested}");
        let manifest: serde_json::Value = serde_json::from_str(&files["manifest.json"]).unwrap();
        let parents: Vec<_> = manifest["stacks"].as_array().unwrap().iter().map(|it| &it["parent"]).collect();
        assert_eq!(parents, [&serde_json::Value::Null, &serde_json::json!({"resource": "Mails", "stack": "shop"})]);
    }

    #[test]
    fn resources_of_adopted_parent_get_no_tags() {
        let app = App::new("shop");
        let shop = stack(&app, "shop");
        shop.adopt("legacy");
        let url = "https://shop.s3.amazonaws.com/mails.json";
        let mails = NestedStack::new(&shop, "mails", url, map![]);
        cfn::sqs::Queue::new().define(mails.template(), "queue").retain();
        assert!(!app.synth().unwrap().files["shop-mails.nested.template.json"].contains("meshsynth:app"));
    }
}
