//! CloudFormation stacks.

use crate::node::{self, Env, Kind};
use crate::tree::{At, Construct, Scope};
use crate::val::Data;

/// A CloudFormation stack.
///
/// Its name in AWS is `<app>-<id>`. Resources of constructs below it become its resources. Values that other stacks
/// read become exports and imports.
#[derive(Clone)]
pub struct Stack {
    scope: Scope,
}

impl Stack {
    /// Defines a stack in an account and region.
    #[track_caller]
    pub fn new(app: &impl Construct, id: &str, env: Env) -> Self {
        let name = format!("{}-{id}", app.scope().app_name());
        let scope = app.scope().define(id, Kind::Stack(node::Stack { name, env, ..Default::default() }));
        Self { scope }
    }

    /// Returns the stack of an existing node.
    pub(crate) fn in_scope(scope: Scope) -> Self {
        Self { scope }
    }

    /// Sets the description of the stack, with at most 1,024 characters.
    pub fn describe(&self, text: &str) -> &Self {
        self.change(|stack| text.clone_into(&mut stack.description))
    }

    /// Tags the stack and all its resources that support tags.
    pub fn tag(&self, key: &str, value: &str) -> &Self {
        self.change(|stack| stack.tags.push((key.to_owned(), value.to_owned())))
    }

    /// Adds an output with this name to the stack.
    pub fn output(&self, name: &str, value: impl Into<Data>) -> &Self {
        let value = value.into();
        self.change(|stack| stack.outputs.push((name.to_owned(), value)))
    }

    /// Adopts the existing stack of this name: the name stays, and its resources get no tag of the app.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn};
    /// # let app = App::new("shop");
    /// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
    /// network.adopt("legacy-network");
    /// cfn::ec2::Vpc::new().cidr_block("10.0.0.0/16").define(&network, "vpc").logical_id("VPC");
    ///
    /// let template = app.synth()?.files["network.template.json"].clone();
    /// assert!(template.contains("\"VPC\"") && !template.contains("meshsynth:app"));
    /// # Ok::<(), meshsynth::Failure>(())
    /// ```
    pub fn adopt(&self, name: &str) -> &Self {
        self.change(|stack| {
            name.clone_into(&mut stack.name);
            stack.is_adopted = true;
        })
    }

    /// Keeps logical ids of an existing stack. Each row contains the path of a resource within the stack, or of a
    /// construct with this main resource. Other resources get a logical id from their path.
    ///
    /// # Diagnostics
    ///
    /// - `MS0143`: the path of a row does not identify exactly one resource.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, s3};
    /// # let app = App::new("shop");
    /// let legacy = Stack::new(&app, "legacy", Env::region("eu-west-1"));
    /// legacy.adopt("legacy");
    /// legacy.logical_ids(&[("vpc", "VPC"), ("files", "FilesB3CA5E3F")]);
    /// cfn::ec2::Vpc::new().cidr_block("10.0.0.0/16").define(&legacy, "vpc");
    /// s3::Bucket::bare(&legacy, "files", cfn::s3::Bucket::new()).resource().retain();
    ///
    /// let template = app.synth()?.files["legacy.template.json"].clone();
    /// assert!(template.contains("\"VPC\"") && template.contains("\"FilesB3CA5E3F\""));
    /// # Ok::<(), meshsynth::Failure>(())
    /// ```
    #[track_caller]
    pub fn logical_ids(&self, rows: &[(&str, &str)]) -> &Self {
        let at = At::caller();
        let row = |(path, id): &(&str, &str)| node::LogicalId { path: (*path).to_owned(), id: (*id).to_owned(), at };
        self.change(|stack| stack.logical_ids.extend(rows.iter().map(row)))
    }

    /// Deploys this stack after another stack that it does not refer to.
    pub fn depends_on(&self, other: &Stack) -> &Self {
        let other = other.scope.node();
        self.change(|stack| stack.depends_on.push(other))
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut node::Stack)) -> &Self {
        self.scope.change(|node| {
            if let Kind::Stack(stack) = &mut node.kind {
                change(stack);
            }
        });
        self
    }
}

impl Construct for Stack {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
