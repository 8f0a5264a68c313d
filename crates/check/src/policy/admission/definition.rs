//! A `ValidatingAdmissionPolicy`.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>

use meshsynth::diag::{Diagnostic, Place};
use meshsynth::policy_file;

use super::constraints::Constraints;
use crate::expressions::{Evaluator, Scope, Tree};
use crate::policy::document::{Document, Piece};

/// The annotation with the diagnostic code of a policy.
const CODE: &str = "meshsynth.dev/code";

/// A policy.
#[derive(Clone, Debug)]
pub struct Definition {
    pub name: String,
    pub place: Place,
    /// The diagnostic code.
    pub code: Option<&'static str>,
    /// Whether a failed expression is a denial.
    pub is_strict: bool,
    pub constraints: Constraints,
    /// The `apiVersion` and `kind` of its parameters.
    pub param_kind: Option<(String, String)>,
    /// The match conditions.
    pub conditions: Vec<Piece>,
    /// The variables. Each may use the variables before it.
    pub variables: Vec<(String, Piece)>,
    pub validations: Vec<Validation>,
    /// The audit annotations by key.
    pub audits: Vec<(String, Piece)>,
}

/// A validation.
#[derive(Clone, Debug)]
pub struct Validation {
    pub expression: Piece,
    pub message: Option<String>,
    pub message_expression: Option<Piece>,
    pub reason: Option<String>,
}

impl Definition {
    /// Reads a policy; reports errors at their lines.
    pub fn read(document: &Document, evaluator: &Evaluator, wrong: &mut Vec<Diagnostic>) -> Option<Self> {
        let tree = &document.tree;
        let n_before = wrong.len();
        let name = tree.text("metadata.name").map(str::to_owned);
        if name.is_none() {
            wrong.push(document.wrong("metadata", "the policy has no `metadata.name`"));
        }
        let code = read_code(document, wrong);
        let constraints = Constraints::read(tree.at("spec.matchConstraints")).unwrap_or_else(|(path, why)| {
            wrong.push(document.wrong(&format!("spec.matchConstraints.{path}"), why));
            Constraints::default()
        });
        if !constraints.has_rules() {
            let help = "specify its resources, such as `apiGroups: [apps]`, `apiVersions: [v1]`, `operations: \
                 [CREATE, UPDATE]`, `resources: [deployments]`";
            wrong.push(
                document
                    .wrong("spec.matchConstraints", "the policy has no `spec.matchConstraints.resourceRules`")
                    .help(help),
            );
        }
        let param_kind = tree.at("spec.paramKind").map(|kind| {
            let text = |key: &str| kind.text(key).unwrap_or_default().to_owned();
            (text("apiVersion"), text("kind"))
        });
        let mut names = vec!["object", "oldObject", "request", "namespaceObject"];
        names.extend(param_kind.is_some().then_some("params"));
        let mut compile = Compile { document, evaluator, wrong };
        let asking = Scope::of(names.iter().copied().chain(["authorizer"]));
        let conditions = compile.all("spec.matchConditions", "expression", &asking);
        let mut variables: Vec<(String, Piece)> = Vec::new();
        for (idx, row) in tree.items("spec.variables").iter().enumerate() {
            let known = asking.clone().with_composed(variables.iter().map(|(name, _)| name.as_str()));
            let path = format!("spec.variables[{idx}]");
            let name = compile.needed(row, &path, "name");
            let piece = compile.one(row, &path, "expression", &known);
            variables.extend(name.zip(piece));
        }
        let composed = || variables.iter().map(|(name, _)| name.as_str());
        let full = asking.clone().with_composed(composed());
        let telling = Scope::of(names).with_composed(composed());
        let mut validations = Vec::new();
        for (idx, row) in tree.items("spec.validations").iter().enumerate() {
            let path = format!("spec.validations[{idx}]");
            let text = |key: &str| row.text(key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
            let has_expression = row.text("messageExpression").is_some();
            let message_expression =
                if has_expression { compile.one(row, &path, "messageExpression", &telling) } else { None };
            let Some(expression) = compile.one(row, &path, "expression", &full) else { continue };
            validations.push(Validation {
                expression,
                message: text("message"),
                message_expression,
                reason: text("reason"),
            });
        }
        let mut audits = Vec::new();
        for (idx, row) in tree.items("spec.auditAnnotations").iter().enumerate() {
            let path = format!("spec.auditAnnotations[{idx}]");
            let key = compile.needed(row, &path, "key");
            audits.extend(key.zip(compile.one(row, &path, "valueExpression", &full)));
        }
        if validations.is_empty() && audits.is_empty() && wrong.len() == n_before {
            wrong.push(document.wrong("spec", "the policy has neither `validations` nor `auditAnnotations`"));
        }
        (wrong.len() == n_before).then(|| Self {
            name: name.unwrap_or_default(),
            place: document.place.clone(),
            code,
            is_strict: tree.text("spec.failurePolicy") != Some("Ignore"),
            constraints,
            param_kind,
            conditions,
            variables,
            validations,
            audits,
        })
    }

    /// Returns the expressions that cannot be evaluated offline, without duplicates.
    pub fn lacking(&self) -> impl Iterator<Item = (&Piece, &str)> {
        let of_validation =
            self.validations.iter().flat_map(|it| [Some(&it.expression), it.message_expression.as_ref()]);
        let variables = self.variables.iter().map(|(_, piece)| Some(piece));
        let audits = self.audits.iter().map(|(_, piece)| Some(piece));
        let all = self.conditions.iter().map(Some).chain(variables).chain(of_validation).chain(audits);
        all.flatten().filter_map(|piece| Some((piece, piece.compiled.as_ref().err()?.as_str())))
    }
}

/// Returns the code in the annotation.
fn read_code(document: &Document, wrong: &mut Vec<Diagnostic>) -> Option<&'static str> {
    let annotations = document.tree.at("metadata.annotations")?;
    let Some(Tree::Text(code)) = annotations.get(CODE) else { return None };
    let known = policy_file::code(code);
    if known.is_none() {
        let message = format!("`{code}` is not a valid policy code");
        wrong.push(document.wrong("metadata.annotations", message).help(policy_file::HELP_FOR_CODES));
    }
    known
}

/// Compiles the expressions of one policy.
struct Compile<'a> {
    document: &'a Document,
    evaluator: &'a Evaluator,
    wrong: &'a mut Vec<Diagnostic>,
}

impl Compile<'_> {
    /// Compiles the expressions in all rows of a list.
    fn all(&mut self, list: &str, key: &str, scope: &Scope) -> Vec<Piece> {
        let document = self.document;
        let rows = document.tree.items(list).iter().enumerate();
        rows.filter_map(|(idx, row)| self.one(row, &format!("{list}[{idx}]"), key, scope)).collect()
    }

    /// Compiles the expression of a row.
    fn one(&mut self, row: &Tree, path: &str, key: &str, scope: &Scope) -> Option<Piece> {
        let text = self.needed(row, path, key)?;
        Some(self.document.compile(self.evaluator, &format!("{path}.{key}"), &text, scope, self.wrong))
    }

    /// Returns a required text of a row.
    fn needed(&mut self, row: &Tree, path: &str, key: &str) -> Option<String> {
        let text = row.text(key).map(str::to_owned);
        if text.is_none() {
            self.wrong.push(self.document.wrong(path, format!("`{path}` has no `{key}`")));
        }
        text
    }
}
