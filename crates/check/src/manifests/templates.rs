//! Reads CloudFormation templates among the documents.

use meshsynth::{At, Template};

use crate::sources::{Source, stem};
use crate::yaml::Marked;

/// Reads a template. Returns `None` for other documents.
pub fn read(file: &'static str, source: &Source, document: &Marked) -> Option<Template> {
    let at = |path: &str| {
        let (line, column) = document.place(path);
        At::new(file, line, column)
    };
    let name = source.stack.as_ref().map_or_else(|| stem(file), |stack| stack.name.clone());
    let template = Template::new(name, document.literal(), &at)?.of_bytes(source.text.len());
    Some(match &source.stack {
        Some(stack) if stack.is_region_known => template.in_env(stack.env.clone()),
        Some(stack) => match &stack.env.account {
            Some(account) => template.in_account(account),
            None => template,
        },
        None => template,
    })
}
