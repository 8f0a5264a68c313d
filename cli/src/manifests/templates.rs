//! CloudFormation templates among the documents.

use std::path::Path;

use meshsynth::diag::Place;
use meshsynth::{At, Template};

use super::files::Source;
use crate::yaml::Marked;

/// The sections whose entries have places of their own.
const SECTIONS: [&str; 6] = ["Conditions", "Mappings", "Outputs", "Parameters", "Resources", "Rules"];

/// The endings of file names that templates have.
const ENDINGS: [&str; 5] = [".json", ".yaml", ".yml", ".template", ".nested"];

/// An entry by its place.
pub type Entry = (Place, (&'static str, Marked));

/// The template that a document is, with each of its entries; none where it is not one.
pub fn read(file: &'static str, source: &Source, document: &Marked) -> Option<(Template, Vec<Entry>)> {
    let is_likely = document.get("Resources").is_some() || document.get("AWSTemplateFormatVersion").is_some();
    if !is_likely {
        return None;
    }
    let at = |path: &str| {
        let (line, column) = document.place(path);
        At::new(file, line, column)
    };
    let name = source.stack.as_ref().map_or_else(|| stem(file), |stack| stack.name.clone());
    let mut template = Template::new(name, document.literal(), &at)?.of_bytes(source.text.len());
    if let Some(stack) = &source.stack {
        template = template.in_env(stack.env.clone());
    }
    let mut entries = Vec::new();
    for section in SECTIONS {
        let of_section = document.get(section).into_iter().flat_map(Marked::entries);
        entries.extend(of_section.map(|(id, body)| (at(&format!("{section}.{id}")).into(), (file, body.clone()))));
    }
    Some((template, entries))
}

/// The name of a file without what says that it is a template.
fn stem(file: &str) -> String {
    let name = Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut stem = name.as_str();
    while let Some(rest) = ENDINGS.iter().find_map(|ending| stem.strip_suffix(ending)).filter(|rest| !rest.is_empty()) {
        stem = rest;
    }
    if stem == "-" { "stdin".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_template_is_called_after_its_file() {
        assert_eq!(stem("a/network.template.json"), "network");
        assert_eq!(stem("network.yaml"), "network");
        assert_eq!(stem("-"), "stdin");
    }
}
