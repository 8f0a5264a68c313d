//! A `Policy` for CloudFormation: a document type of meshsynth with CEL conditions.

use meshsynth::diag::{Diagnostic, Note, Severity};
use meshsynth::{facts, policy_file};
use meshsynth_model::problem::did_you_mean;
use wildmatch::WildMatch;

use super::document::{Document, Piece};
use super::subject::{Resource, Stack};
use crate::expressions::{Answer, Evaluator, Scope, Tree, Variables};

/// The `apiVersion` of the document type.
pub const API_VERSION: &str = "meshsynth.dev/v1";

/// The variables of its expressions.
const VARIABLES: [&str; 6] = ["logicalId", "properties", "resource", "stack", "tags", "type"];

/// A policy.
#[derive(Clone, Debug)]
pub struct Policy {
    name: String,
    code: &'static str,
    severity: Severity,
    types: Vec<String>,
    when: Option<Piece>,
    require: Piece,
    message: String,
    message_expression: Option<Piece>,
    help: Option<String>,
}

impl Policy {
    /// Reads a policy; reports errors at their lines.
    pub fn read(document: &Document, evaluator: &Evaluator, wrong: &mut Vec<Diagnostic>) -> Option<Self> {
        let tree = &document.tree;
        let n_before = wrong.len();
        document.check_keys("", &["apiVersion", "kind", "metadata", "spec"], wrong);
        document.check_keys("metadata", &["annotations", "labels", "name"], wrong);
        let known = ["code", "help", "message", "messageExpression", "require", "severity", "types", "when"];
        document.check_keys("spec", &known, wrong);
        let mut needed = |path: &str, help: &str| {
            let text = tree.text(path).filter(|text| !text.trim().is_empty()).map(str::to_owned);
            if text.is_none() {
                wrong.push(document.wrong(path, format!("the policy has no `{path}`")).help(help));
            }
            text.unwrap_or_default()
        };
        let name = needed("metadata.name", "add a name, such as `encrypted-buckets`");
        let code = needed("spec.code", policy_file::HELP_FOR_CODES);
        let require = needed("spec.require", "write a condition, such as `has(properties.BucketEncryption)`");
        let message = needed("spec.message", "write the message for a violation of the condition");
        let known_code = policy_file::code(&code);
        if known_code.is_none() && !code.is_empty() {
            let message = format!("`{code}` is not a valid policy code");
            wrong.push(document.wrong("spec.code", message).help(policy_file::HELP_FOR_CODES));
        }
        let severity = severity(document, wrong);
        let types = types(document, wrong);
        let scope = Scope::of(VARIABLES);
        let mut compile = |key: &str| {
            let path = format!("spec.{key}");
            let text = tree.text(&path)?;
            Some(document.compile(evaluator, &path, text, &scope, wrong))
        };
        let (when, message_expression) = (compile("when"), compile("messageExpression"));
        let require = if require.is_empty() { None } else { compile("require") };
        let help = tree.text("spec.help").map(str::to_owned);
        let (Some(require), Some(code), true) = (require, known_code, wrong.len() == n_before) else { return None };
        Some(Self { name, code, severity, types, when, require, message, message_expression, help })
    }

    /// Returns its code, its summary and its manual.
    pub fn explained(&self) -> [String; 3] {
        let Self { name, code, types, require, message, help, .. } = self;
        let help = help.as_ref().map(|help| format!("\nTo fix it: {help}.\n")).unwrap_or_default();
        let manual = format!(
            "The policy `{name}` for {}, defined in {}. Its condition: `{}`\n{help}",
            types.join(", "),
            require.place,
            require.text.trim()
        );
        [(*code).to_owned(), format!("The policy `{name}`: {message}."), manual]
    }

    /// Evaluates the policy for the resources of a stack.
    pub fn judge(&self, stack: &Stack, evaluator: &Evaluator, found: &mut Vec<Diagnostic>) {
        let is_meant = |resource: &&Resource| {
            self.types.iter().any(|pattern| WildMatch::new(pattern).matches(&resource.type_name))
        };
        for resource in stack.resources.iter().filter(is_meant) {
            found.extend(self.judged(stack, resource, evaluator));
        }
    }

    fn judged(&self, stack: &Stack, resource: &Resource, evaluator: &Evaluator) -> Option<Diagnostic> {
        let properties = resource.body.get("Properties").cloned().unwrap_or_else(Tree::empty);
        let all = [
            ("logicalId", Tree::from(resource.logical_id.as_str())),
            ("tags", tags(&properties)),
            ("properties", properties),
            ("resource", resource.body.clone()),
            ("stack", variable(stack)),
            ("type", Tree::from(resource.type_name.as_str())),
        ]
        .map(|(name, tree)| (name, tree.to_val()));
        let variables = all.iter().fold(Variables::default(), |to, (name, value)| to.with(name, value.as_ref()));
        let answer = |piece: &Piece| match &piece.compiled {
            Ok(expression) => evaluator.evaluate(expression, &variables),
            Err(what) => Answer::Unknown(what.clone()),
        };
        let when = self.when.as_ref().map(|piece| (piece, answer(piece)));
        let held = match when {
            Some((_, ref answer)) if answer.as_bool() == Some(false) => return None,
            Some((piece, ref it)) if it.as_bool().is_none() => (piece, when.map(|(_, answer)| answer)?),
            _ => (&self.require, answer(&self.require)),
        };
        let name = &self.name;
        let (piece, held) = held;
        let finding = match (held.as_bool(), held) {
            (Some(true), _) => return None,
            (Some(false), _) => {
                let told = self.message_expression.as_ref().map(&answer);
                let told = told.as_ref().and_then(Answer::as_text).filter(|text| !text.trim().is_empty());
                policy_file::denied(Some(self.code), told.unwrap_or(&self.message)).severity(self.severity)
            }
            (None, Answer::Unknown(what)) => {
                policy_file::not_judged(format!("the policy `{name}` cannot be evaluated: it requires {what}"))
            }
            (None, Answer::Failed(why)) => {
                let message = format!("the policy `{name}` fails: `{}`: {why}", piece.text.trim());
                policy_file::denied(Some(self.code), message).severity(self.severity)
            }
            (None, Answer::Value(_)) => {
                let message = format!("the policy `{name}` fails: `{}` is not `true` or `false`", piece.text.trim());
                policy_file::denied(Some(self.code), message).severity(self.severity)
            }
        };
        let mut finding = finding.construct(resource.construct.as_str());
        finding.place = Some(resource.place.clone());
        finding
            .notes
            .push(Note { text: format!("the policy `{name}` is defined here"), place: Some(piece.place.clone()) });
        finding.help = self.help.clone().filter(|_| finding.severity == self.severity);
        Some(finding)
    }
}

fn severity(document: &Document, wrong: &mut Vec<Diagnostic>) -> Severity {
    let known = [Severity::Error, Severity::Warning, Severity::Note];
    let Some(text) = document.tree.text("spec.severity") else { return Severity::Error };
    known.into_iter().find(|it| it.word() == text).unwrap_or_else(|| {
        let help = did_you_mean(text, &known.map(Severity::word));
        wrong.push(document.wrong("spec.severity", format!("`{text}` is not a severity")).help(help));
        Severity::Error
    })
}

/// Returns the resource types that a policy applies to.
fn types(document: &Document, wrong: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut types = Vec::new();
    for (idx, item) in document.tree.items("spec.types").iter().enumerate() {
        let Tree::Text(name) = item else { continue };
        let service = name.rsplit_once("::").map_or("", |(service, _)| service);
        let is_of_aws = name.starts_with("AWS::") && !name.contains(['*', '?']);
        if is_of_aws && facts::cloudformation(name).is_none() {
            let path = format!("spec.types[{idx}]");
            let help = did_you_mean(name, &facts::resource_types(service));
            wrong.push(document.wrong(&path, format!("`{name}` is not a CloudFormation type")).help(help));
        }
        types.push(name.clone());
    }
    if types.is_empty() {
        let help = "list its types, such as `types: [AWS::S3::Bucket, \"AWS::SQS::*\"]`";
        wrong.push(document.wrong("spec", "the policy has no `spec.types`").help(help));
    }
    types
}

/// Returns the value of `stack` in expressions.
fn variable(stack: &Stack) -> Tree {
    let known = |value: &Option<String>, what: &str| match value {
        Some(text) => Tree::from(text.as_str()),
        None => Tree::unknown(&format!("the {what} of the stack `{}`, which is known only at deployment", stack.name)),
    };
    let tags = match &stack.tags {
        Some(tags) => Tree::Map(tags.iter().map(|(key, value)| (key.clone(), Tree::from(value.as_str()))).collect()),
        None => Tree::unknown(&format!("the tags of the stack `{}`, which are known only at deployment", stack.name)),
    };
    Tree::from([
        ("account", known(&stack.account, "account")),
        ("name", Tree::from(stack.name.as_str())),
        ("region", known(&stack.region, "region")),
        ("tags", tags),
    ])
}

/// Returns the tags of a resource by key, from both forms of CloudFormation.
fn tags(properties: &Tree) -> Tree {
    match properties.get("Tags") {
        Some(Tree::List(rows)) => {
            let row = |row: &Tree| Some((row.text("Key")?.to_owned(), row.get("Value").cloned().unwrap_or_default()));
            Tree::Map(rows.iter().filter_map(row).collect())
        }
        Some(tree) => tree.clone(),
        None => Tree::empty(),
    }
}
