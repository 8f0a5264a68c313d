//! CloudFormation templates among the documents.

use meshsynth::diag::Place;
use meshsynth::{At, Template};

use crate::sources::{Source, stem};
use crate::yaml::Marked;

/// The sections whose entries have places of their own.
const SECTIONS: [&str; 6] = ["Conditions", "Mappings", "Outputs", "Parameters", "Resources", "Rules"];

/// An entry by its place.
pub type Entry = (Place, (&'static str, Marked));

/// A template, with each of its entries; none where the document is not one.
pub fn read(file: &'static str, source: &Source, document: &Marked) -> Option<(Template, Vec<Entry>)> {
    let at = |path: &str| {
        let (line, column) = document.place(path);
        At::new(file, line, column)
    };
    let name = source.stack.as_ref().map_or_else(|| stem(file), |stack| stack.name.clone());
    let mut template = Template::new(name, document.literal(), &at)?.of_bytes(source.text.len());
    if let Some(stack) = &source.stack {
        template = match (stack.is_region_known, &stack.env.account) {
            (true, _) => template.in_env(stack.env.clone()),
            (false, Some(account)) => template.in_account(account),
            (false, None) => template,
        };
    }
    let mut entries = Vec::new();
    for section in SECTIONS {
        let of_section = document.get(section).into_iter().flat_map(Marked::entries);
        entries.extend(of_section.map(|(id, body)| (at(&format!("{section}.{id}")).into(), (file, body.clone()))));
    }
    Some((template, entries))
}
