//! The context of a template: the modules of its nested templates, and shared functions.

use std::collections::BTreeMap;

use crate::tree::Expr;

/// The context of a template in the program.
pub struct StackContext {
    /// The modules of its nested templates.
    pub nested: NestedModules,
    /// Whether it calls the shared check of the bootstrap version.
    pub shares_bootstrap_check: bool,
}

/// The modules of the templates that nested stacks of a template deploy, by logical ID.
pub type NestedModules = BTreeMap<String, NestedModule>;

/// The module of a nested template.
pub struct NestedModule(pub String);

impl NestedModule {
    /// Writes the call that defines the template of a nested stack.
    pub(super) fn call(&self, variable: &str) -> Expr {
        let template = Expr::variable(variable).method("template", []);
        Expr::call(format!("crate::{}::define", self.0), [template])
    }
}
