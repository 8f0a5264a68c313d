//! A module of the program: its statements, and what it imports for them.

use std::fmt::Write;

use crate::code::is_seen;
use crate::long::apart;
use crate::loops::folded;
use crate::short::shortened;
use crate::statement::{Statement, VARIES};

/// The names of the library that statements may use: what they are found by, and where they come from.
const NAMES: [(&str, &str); 29] = [
    ("App", "&App"),
    ("Cidr", "Cidr::"),
    ("Env", "Env::"),
    ("KubernetesCluster", "KubernetesCluster"),
    ("Object", "Object::<"),
    ("Resource", "Resource::<"),
    ("Stack", "Stack"),
    ("Wave", "Wave::"),
    ("aws", "aws::"),
    ("cfn", "cfn::"),
    ("cloudwatch", "cloudwatch::Alarm::bare"),
    ("dynamodb", "dynamodb::Table::bare"),
    ("ecr", "ecr::Repository::bare"),
    ("iam", "iam::Role::bare"),
    ("intrinsic", "intrinsic::"),
    ("kms", "kms::Key::bare"),
    ("kube", "kube::"),
    ("lambda", "lambda::Function::bare"),
    ("list", "list!["),
    ("logs", "logs::LogGroup::bare"),
    ("map", "map!["),
    ("s3", "s3::Bucket::bare"),
    ("secrets", "secrets::Secret::bare"),
    ("sns", "sns::Topic::bare"),
    ("sqs", "sqs::Queue::bare"),
    ("ssm", "ssm::Parameter::bare"),
    ("text", "text!["),
    ("val::Bag", "Bag::"),
    ("val::Data", "Data::"),
];

/// A file of the program.
pub struct Module {
    /// What it says about itself.
    pub doc: String,
    /// What stands before the function, such as kinds of its own.
    pub items: String,
    /// The doc comment and the head of its function.
    pub head: String,
    /// The statements of the function.
    pub statements: Vec<Statement>,
    /// Modules below it.
    pub modules: Vec<String>,
}

impl Module {
    /// The text of a statement: `mut`, where another one adds to its variable.
    fn varying(&self, text: &str) -> String {
        let Some((before, after)) = text.split_once(VARIES) else { return text.to_owned() };
        let add = format!("{}.add_", after.split(' ').next().unwrap_or_default());
        let is_varied = self.statements.iter().any(|it| it.text.contains(&add));
        format!("{before}{}{after}", if is_varied { "mut " } else { "" })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut body = String::new();
        let statements = folded(&self.statements);
        for (idx, statement) in statements.iter().enumerate() {
            if idx > 0 && (statement.is_apart || statements[idx - 1].is_apart) {
                body.push('\n');
            }
            for comment in &statement.comments {
                let _ = writeln!(body, "    // {}", on_one_line(comment));
            }
            let is_taken = |name: &str| statements.iter().any(|it| it.text.contains(name)) || body.contains(name);
            let (variables, text) = apart(&statement.text, &is_taken);
            for variable in variables {
                let _ = writeln!(body, "    {variable}");
            }
            let _ = writeln!(body, "    {}", self.varying(&text));
        }
        let mut text = format!("//! {}\n\n", on_one_line(&self.doc));
        for name in &self.modules {
            let _ = writeln!(text, "mod {name};");
        }
        if !self.modules.is_empty() {
            text.push('\n');
        }
        let code = match self.head.is_empty() {
            true => format!("\n{}\n", self.items.trim_end()),
            false => format!("\n{}{} {{\n{body}}}\n", self.items, self.head),
        };
        let own = self.modules.iter().map(String::as_str);
        let taken = NAMES.iter().map(|(name, _)| *name).chain(own).collect();
        let (code, imports) = shortened(&code, &taken);
        let used: Vec<&str> = NAMES.iter().filter(|(_, mark)| uses(&code, mark)).map(|(name, _)| *name).collect();
        let (values, names): (Vec<&str>, Vec<&str>) = used.iter().partition(|name| name.starts_with("val::"));
        let values: Vec<&str> = values.iter().filter_map(|name| name.strip_prefix("val::")).collect();
        text.push_str(&imports);
        text.push_str(&import("meshsynth::val", &values));
        text.push_str(&import("meshsynth", &names));
        text.push_str(&code);
        text
    }
}

/// A text that stays within its comment: names of files may hold ends of lines, and what is behind one would be code.
fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if is_seen(c) { c } else { ' ' }).collect()
}

/// Whether a text names something that is not a part of another path.
fn uses(text: &str, mark: &str) -> bool {
    text.match_indices(mark).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | ':' | '"'))
    })
}

fn import(path: &str, names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => format!("use {path}::{name};\n"),
        names => format!("use {path}::{{{}}};\n", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_called_is_never_code() {
        let module = Module {
            doc: "The stack `a\npub fn x() {}\r\n`.".to_owned(),
            items: String::new(),
            head: "pub fn define()".to_owned(),
            statements: Vec::new(),
            modules: Vec::new(),
        };
        assert!(module.text().starts_with("//! The stack `a pub fn x() {}  `.\n\n"), "{}", module.text());
    }
}
