//! The lists of pages: the table of constructs, and a part of the book's summary.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::links;
use crate::page::Page;
use crate::source::{Library, Type};

/// The beginning of the list of constructs.
const HEAD: &str = "\
# Constructs

This page lists all constructs with the first sentence of their documentation. The page of a construct describes its
fields with types and defaults, its relations, an example with its output, and the billed usage.
`meshsynth explain rds::Database` prints the same page, and `meshsynth explain --search retention` searches all pages.

For CloudFormation types and Kubernetes kinds without a construct, use the typed resources in `cfn` and `kube`. Their
paths [follow from their names](cookbook/paths-of-typed-resources.md).

This page is generated from the sources: `UPDATE_DOCS=1 cargo test -p meshsynth-reference`.
";

/// The beginning of the generated part of the summary.
pub const BEGIN: &str = "<!-- constructs: made by meshsynth-reference -->\n";
/// The end of the generated part of the summary.
pub const END: &str = "<!-- /constructs -->\n";

/// The module of items at the crate root.
const ROOT: &str = "meshsynth";

/// Returns the pages by module.
fn groups(pages: &[Page]) -> BTreeMap<&str, Vec<&Page>> {
    let mut groups: BTreeMap<&str, Vec<&Page>> = BTreeMap::new();
    for page in pages {
        groups.entry(page.name.rsplit_once("::").map_or(ROOT, |(module, _)| module)).or_default().push(page);
    }
    groups
}

/// Renders the list of constructs.
pub fn list(library: &Library, pages: &[Page]) -> String {
    let mut text = HEAD.to_owned();
    for (module, pages) in groups(pages) {
        let _ = write!(text, "\n## {module}\n\n| construct | description |\n|---|---|\n");
        for page in pages {
            let sentence = plain(&page.sentence).replace('|', "\\|");
            let _ = writeln!(text, "| [`{}`](constructs/{}) | {sentence} |", page.name, page.file);
        }
    }
    text + &roles(library)
}

/// Renders the tables of constructs that can be imported, be clients, or get grants.
fn roles(library: &Library) -> String {
    let constructs = library.constructs();
    let linked = |it: &Type| format!("[`{}`](constructs/{})", library.name(it), links::file(library, it));
    let mut text =
        "\n## Imports\n\nAn import has the same type as a defined construct: [how to import](cookbook/import-what-exists.md).\n\n| construct | call | fields |\n|---|---|---|\n"
            .to_owned();
    for it in &constructs {
        for method in it.methods.iter().filter(|method| !method.has_receiver && method.name.starts_with("import")) {
            let named = method.params.iter().filter(|(name, _)| name != "scope" && name != "id");
            let named: Vec<String> = named.map(|(name, type_)| format!("`{name}: {type_}`")).collect();
            let _ = writeln!(text, "| {} | `{}` | {} |", linked(it), method.name, named.join(", "));
        }
    }
    let with = |role: &str| {
        let found = library.types.iter().filter(|it| it.traits.contains(role) && library.has_path(it));
        let mut found: Vec<String> = found
            .map(|it| if library.is_construct(it) { linked(it) } else { format!("`{}`", library.name(it)) })
            .collect();
        found.sort();
        found.join(", ")
    };
    text += "\n## Clients and grantees\n\n";
    let _ = writeln!(
        text,
        "- `allow_from` requires a client, which opens connections from a security group: {}. [Implement the trait](cookbook/who-may-be-a-client.md) for your own types.",
        with("Client")
    );
    let _ = writeln!(text, "- `grant_*` requires a grantee, which has a role: {}.", with("Grantee"));
    text
}

/// Renders the lines of the summary.
pub fn chapters(pages: &[Page]) -> String {
    pages.iter().map(|page| format!("  - [{}](constructs/{})\n", page.name, page.file)).collect()
}

/// Returns a text without its links.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        out += &rest[..start];
        rest = &rest[start + 1..];
        let end = rest.find(']').unwrap_or(rest.len());
        out += &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(target) = rest.strip_prefix('(') {
            rest = target.split_once(')').map_or("", |(_, after)| after);
        }
    }
    out + rest
}
