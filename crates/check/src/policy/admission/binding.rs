//! A `ValidatingAdmissionPolicyBinding`: the scope of a policy, its parameters, and its validation actions.

use meshsynth::diag::{Diagnostic, Severity};
use meshsynth_model::problem::did_you_mean;

use super::constraints::Constraints;
use super::selector::Selector;
use crate::expressions::Tree;
use crate::policy::document::Document;

/// A binding.
#[derive(Clone, Debug)]
pub struct Binding {
    pub name: String,
    /// The name of the policy.
    pub policy: String,
    pub constraints: Constraints,
    pub params: Option<ParamRef>,
    /// The severity of a denial, from the most severe action.
    pub severity: Severity,
}

/// A reference to the parameters of a policy.
#[derive(Clone, Debug)]
pub struct ParamRef {
    /// The name; without it, the selector applies.
    pub name: Option<String>,
    pub selector: Selector,
    pub namespace: Option<String>,
    /// Whether missing parameters are a denial.
    pub is_needed: bool,
}

impl Binding {
    /// Reads a binding; reports errors at their lines.
    pub fn read(document: &Document, wrong: &mut Vec<Diagnostic>) -> Option<Self> {
        let tree = &document.tree;
        let n_before = wrong.len();
        let mut needed = |path: &str| {
            let text = tree.text(path).map(str::to_owned);
            if text.is_none() {
                wrong.push(document.wrong(path, format!("the binding has no `{path}`")));
            }
            text.unwrap_or_default()
        };
        let (name, policy) = (needed("metadata.name"), needed("spec.policyName"));
        let constraints = Constraints::read(tree.at("spec.matchResources")).unwrap_or_else(|(path, why)| {
            wrong.push(document.wrong(&format!("spec.matchResources.{path}"), why));
            Constraints::default()
        });
        let severity = severity(document, wrong);
        let params = tree.at("spec.paramRef").map(|it| param_ref(document, it, wrong));
        (wrong.len() == n_before).then_some(Self { name, policy, constraints, params, severity })
    }
}

/// Returns the severity: `Deny` is an error, `Warn` a warning, and `Audit` a note.
fn severity(document: &Document, wrong: &mut Vec<Diagnostic>) -> Severity {
    let known = [("Deny", Severity::Error), ("Warn", Severity::Warning), ("Audit", Severity::Note)];
    let mut gravest = None;
    for (idx, action) in document.tree.items("spec.validationActions").iter().enumerate() {
        let Tree::Text(action) = action else { continue };
        match known.iter().find(|(word, _)| word == action) {
            Some((_, severity)) => gravest = gravest.min(Some(*severity)).or(Some(*severity)),
            None => {
                let path = format!("spec.validationActions[{idx}]");
                let help = did_you_mean(action, &known.map(|(word, _)| word));
                wrong.push(document.wrong(&path, format!("`{action}` is not an action")).help(help));
            }
        }
    }
    gravest.unwrap_or_else(|| {
        let help = "add `validationActions: [Deny]`, `[Warn]` or `[Audit]`";
        wrong.push(document.wrong("spec", "the binding has no `spec.validationActions`").help(help));
        Severity::Error
    })
}

fn param_ref(document: &Document, tree: &Tree, wrong: &mut Vec<Diagnostic>) -> ParamRef {
    let selector = Selector::read(tree.get("selector")).unwrap_or_else(|(path, why)| {
        wrong.push(document.wrong(&format!("spec.paramRef.selector.{path}"), why));
        Selector::default()
    });
    let name = tree.text("name").map(str::to_owned);
    if name.is_some() == tree.get("selector").is_some() {
        wrong.push(document.wrong("spec.paramRef", "`spec.paramRef` has either `name` or `selector`"));
    }
    let action = tree.text("parameterNotFoundAction");
    if !matches!(action, Some("Allow" | "Deny")) {
        let help = "add `parameterNotFoundAction: Deny`, or `Allow`";
        let message = "`spec.paramRef.parameterNotFoundAction` is neither `Allow` nor `Deny`";
        wrong.push(document.wrong("spec.paramRef", message).help(help));
    }
    let namespace = tree.text("namespace").map(str::to_owned);
    ParamRef { name, selector, namespace, is_needed: action == Some("Deny") }
}
