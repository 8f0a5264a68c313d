//! The page of a construct.

mod fields;
mod relations;
mod types;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use meshsynth::rules;

use crate::emitted::Emitted;
use crate::source::{Library, Type, codes};
use crate::{EXAMPLES, cost, links};

/// A page.
pub struct Page {
    /// The construct, such as `rds::Database`.
    pub name: String,
    /// The file below `docs/constructs`.
    pub file: String,
    /// A description of the construct in one sentence.
    pub sentence: String,
    /// The text, in Markdown.
    pub text: String,
    /// The missing parts of its documentation, each as a sentence for the author.
    pub lacks: Vec<String>,
}

/// Headings of doc comments with a fixed position on the page.
const PLACED: &[&str] = &["Example", "Diagnostics", "Cost"];
/// The maximum number of shown child IDs for one type.
const SHOWN: usize = 4;
const REPOSITORY: &str = "https://github.com/meshsynth/meshsynth/blob/main";

/// Returns the pages of all constructs, sorted by name.
pub fn all(library: &Library, root: &Path) -> Vec<Page> {
    library.constructs().into_iter().map(|it| Page::of(library, root, it)).collect()
}

impl Page {
    fn of(library: &Library, root: &Path, of: &Type) -> Self {
        let name = library.name(of);
        let file = links::file(library, of);
        let sentence = of.doc.sentence();
        let mut lacks = Vec::new();
        let mut text = format!("# {name}\n\n{}\n", links::resolved(library, of, &of.doc.intro()));
        if of.doc.is_empty() {
            lacks.push("it has no doc comment".to_owned());
        }
        for title in of.doc.titles().iter().filter(|title| !PLACED.contains(&title.as_str())) {
            let body = of.doc.section(title).unwrap_or_default();
            let _ = write!(text, "\n## {title}\n\n{}\n", links::resolved(library, of, &body));
        }
        text += &example(library, of, &mut lacks);
        text += &more_examples(library, of);
        text += &fields::needs(library, of);
        text += &fields::props(library, of, &mut lacks);
        text += &types::own(library, of);
        text += &relations::all(library, of);
        text += &types::all(library, of);
        text += &diagnostics(library, root, of);
        text += &emitted(library, &name, of, &mut lacks);
        let sources = library.sources(of);
        if sources.is_empty() {
            lacks.push("its doc comment has no line `Source: <https://…>` with the vendor's page".to_owned());
        }
        text += "\n## Source\n\n";
        for source in sources {
            let _ = writeln!(text, "- <{source}>");
        }
        let _ = writeln!(text, "- [`{0}`]({REPOSITORY}/{0})", of.file);
        Self { name, file, sentence, text, lacks }
    }
}

fn example(library: &Library, of: &Type, lacks: &mut Vec<String>) -> String {
    match library.example(of) {
        Some(example) => {
            if example.app().is_none() {
                lacks.push(
                    "its example has no line `let app = App::new(..)`, so it cannot run; the line can be hidden with `# `"
                        .to_owned(),
                );
            }
            format!("\n## Example\n\n```rust\n{}\n```\n", example.lines().join("\n"))
        }
        None => {
            lacks.push("its doc comment has no `# Example` with executable code".to_owned());
            String::new()
        }
    }
}

/// Renders the examples of single methods, such as `import`.
fn more_examples(library: &Library, of: &Type) -> String {
    let mut text = String::new();
    for method in &of.methods {
        if let Some(example) = method.doc.example() {
            let said = links::resolved(library, of, &method.doc.flat());
            let _ = write!(text, "\n### {}\n\n{said}\n\n```rust\n{}\n```\n", method.name, example.lines().join("\n"));
        }
    }
    text
}

fn emitted(library: &Library, name: &str, of: &Type, lacks: &mut Vec<String>) -> String {
    let run = EXAMPLES.iter().find(|run| run.name == name);
    let (Some(run), Some(example)) = (run, library.example(of)) else { return String::new() };
    let emitted = match Emitted::of(library, of, &example, run) {
        Ok(emitted) => emitted,
        Err(error) => {
            lacks.push(format!("the synthesis of its example failed:\n{error}"));
            return String::new();
        }
    };
    let mut text = "\n## Emitted resources\n\n".to_owned();
    if emitted.is_empty() {
        text += "The example emits no resources; it changes resources of other constructs.\n";
    } else {
        text += "The example emits these resources. [Patch a child by its id](../cookbook/ids-of-children.md).\n\n";
        text += "| type | count | ids below the construct |\n|---|---|---|\n";
    }
    for (name, ids) in emitted.resources.iter().chain(&emitted.objects) {
        let shown: Vec<String> =
            ids.iter().filter(|id| !id.is_empty()).take(SHOWN).map(|id| format!("`{id}`")).collect();
        let more = if ids.len() > SHOWN { ", …" } else { "" };
        let _ = writeln!(text, "| `{name}` | {} | {}{more} |", ids.len(), shown.join(", "));
    }
    for (chart, version) in &emitted.charts {
        let _ = writeln!(text, "| Helm chart `{chart}` {version} | 1 | |");
    }
    text += "\n## Cost\n\n";
    if let Some(own) = of.doc.section("Cost") {
        let _ = writeln!(text, "{own}\n");
    }
    let mut billed = BTreeSet::new();
    for name in emitted.resources.keys() {
        match cost::billed_by(name) {
            Some("") => {}
            Some(by) => drop(billed.insert(format!("- `{name}`: {by}"))),
            None => lacks.push(format!("the billed usage of `{name}` is unknown: add a row to crates/dev/reference/src/cost.rs, with \"\" if the type is free")),
        }
    }
    for name in emitted.objects.keys() {
        if let Some(by) = cost::of_cluster(name) {
            billed.insert(format!("- `{name}`: {by}"));
        }
    }
    if !emitted.charts.is_empty() {
        billed.insert("- The pods of the chart: the node CPU and memory that they request.".to_owned());
    }
    match billed.is_empty() {
        true => text += "AWS does not bill the emitted resources separately.\n",
        false => text += &(billed.into_iter().collect::<Vec<_>>().join("\n") + "\n"),
    }
    text
}

fn diagnostics(library: &Library, root: &Path, of: &Type) -> String {
    let said = of.doc.section("Diagnostics").unwrap_or_default();
    let named: BTreeSet<String> = codes(&said).into_iter().collect();
    let mut others = BTreeSet::new();
    let props = fields::props_of(library, of);
    let makers = library.makers(of).into_iter().map(|(_, it)| it);
    let methods = of.methods.iter().chain(makers).map(|it| &it.doc);
    let fields = props.into_iter().flat_map(|it| it.fields()).map(|it| &it.doc);
    methods.chain(fields).for_each(|doc| others.extend(doc.codes()));
    // In a file with one construct, all diagnostics belong to it.
    if library.constructs().iter().filter(|it| it.file == of.file).count() == 1 {
        let source = fs::read_to_string(root.join(&of.file)).unwrap_or_default();
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//") && line.contains("\"MS"));
        lines.for_each(|line| others.extend(codes(line)));
    }
    if said.is_empty() && others.is_empty() {
        return String::new();
    }
    let mut text = "\n## Diagnostics\n\n".to_owned();
    let mut body = links::resolved(library, of, &said);
    for code in &named {
        body = body.replace(&format!("`{code}`"), &linked(code));
    }
    if !body.is_empty() {
        text += &format!("{body}\n");
    }
    let others: Vec<&String> = others.iter().filter(|code| !named.contains(*code)).collect();
    if !others.is_empty()
        && !body.is_empty()
        && !body.lines().last().is_some_and(|line| line.starts_with("- ") || line.starts_with("  "))
    {
        text.push('\n');
    }
    for code in others {
        let summary = rules::find(code).map(|rule| rule.manual().lines().next().unwrap_or_default().to_owned());
        let _ = writeln!(text, "- {}: {}", linked(code), summary.unwrap_or_default());
    }
    text
}

/// Renders a code with a link to its entry in the catalogue.
fn linked(code: &str) -> String {
    match rules::find(code) {
        Some(rule) => {
            let anchor = format!("{code}-{}", rule.name.replace('_', "-")).to_lowercase();
            format!("[`{code}`](../diagnostics.md#{anchor})")
        }
        None => format!("`{code}`"),
    }
}
