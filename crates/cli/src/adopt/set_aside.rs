//! Excludes stacks and objects that the rules reject, so that the rest can be adopted.

use std::collections::BTreeMap;

use meshsynth::diag::Diagnostic;
use meshsynth_adopt::{Estate, Exclusions, Origin, Project};

/// Returns the stacks and objects with mistakes, with reasons. The result is empty if all mistakes are elsewhere.
pub fn set_aside(found: &[Diagnostic], project: &Project, estate: &Estate) -> Exclusions {
    let mut stacks: BTreeMap<&str, Vec<(u32, &Diagnostic)>> = BTreeMap::new();
    let mut objects: BTreeMap<(&str, &str), Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in found {
        match origin(diagnostic, project) {
            Some(Origin::Stack(stack)) => stacks.entry(stack).or_default().push((0, diagnostic)),
            Some(Origin::Resource(stack, id)) => {
                let template = estate.templates.iter().find(|it| it.stack == *stack);
                let line = template.and_then(|it| it.lines.get(id)).copied().unwrap_or_default();
                stacks.entry(stack).or_default().push((line, diagnostic));
            }
            Some(Origin::Object(kind, name)) => objects.entry((kind, name)).or_default().push(diagnostic),
            None => {}
        }
    }
    let mut exclusions = Exclusions::default();
    for (stack, found) in stacks {
        let all: Vec<&Diagnostic> = found.iter().map(|(_, it)| *it).collect();
        let line = match found[0].0 {
            0 => String::new(),
            line => format!("line {line}: "),
        };
        exclusions.stacks.insert(stack.to_owned(), format!("{line}{}", why(&all)));
    }
    for ((kind, name), found) in objects {
        let why = why(&found);
        exclusions.objects.insert((kind.to_owned(), name.to_owned()), why);
    }
    exclusions
}

/// Returns the stack or object of a diagnostic, by the path of its construct or by the file of the program.
fn origin<'a>(diagnostic: &Diagnostic, project: &'a Project) -> Option<&'a Origin> {
    let mut path = diagnostic.construct.as_str();
    while !path.is_empty() {
        if let Some(found) = project.origins.get(path) {
            return Some(found);
        }
        path = path.rsplit_once('/').map_or("", |(above, _)| above);
    }
    let file = &diagnostic.place.as_ref()?.file;
    let of_file = |(path, _): &(&String, &Origin)| path.starts_with("src/") && file.ends_with(path.as_str());
    project.origins.iter().find(of_file).map(|(_, place)| place)
}

/// Summarizes mistakes in one line: the first one, and the number of further ones.
fn why(found: &[&Diagnostic]) -> String {
    let first = found[0];
    let more = match found.len() {
        1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    format!("{} ({}){more}; correct the source, and adopt it again", first.message.replace('\n', " "), first.code)
}
