//! Objects whose API version the next Kubernetes version does not serve.

use meshsynth_diff::side::Side;
use meshsynth_facts::versions::eks;
use meshsynth_facts::versions::kubernetes::{self, Removed};

use super::objects;
use crate::statement::{Applies, Note, Statement};
use crate::step::Step;

/// Returns a note for each API version that the new Kubernetes version removes.
pub fn notes(side: &Side, step: &Step) -> Vec<Note> {
    let (Some(from), Some(to)) = (eks::minor(&step.from), eks::minor(&step.to)) else { return Vec::new() };
    let mut versions: Vec<&'static str> = Vec::new();
    let rows: Vec<&Removed> = kubernetes::rows().iter().filter(|row| row.minor > from && row.minor <= to).collect();
    for row in &rows {
        if !versions.contains(&row.api_version) {
            versions.push(row.api_version);
        }
    }
    versions.into_iter().map(|version| note(side, version, &rows)).collect()
}

fn note(side: &Side, version: &'static str, rows: &[&Removed]) -> Note {
    let of: Vec<&&Removed> = rows.iter().filter(|row| row.api_version == version).collect();
    let kinds: Vec<&str> = of.iter().map(|row| row.kind).collect();
    let found = objects::find(side, &[version], &|document| {
        let is_it =
            document["apiVersion"] == version && document["kind"].as_str().is_some_and(|it| kinds.contains(&it));
        if is_it { vec!["apiVersion".to_owned()] } else { Vec::new() }
    });
    let instead = of.iter().find_map(|row| row.now).map(|now| format!("; use `{now}`")).unwrap_or_default();
    let (minor, source) = (of[0].minor, kubernetes::source());
    let text = format!("Kubernetes 1.{minor} removes `{version}` of {}{instead}", kinds.join(", "));
    Note {
        statement: Statement::new(text, source.0, source.1),
        applies: match found.is_empty() {
            true => Applies::Absent(format!("no object has the API version `{version}`")),
            false => Applies::Here(found),
        },
        is_blocker: true,
    }
}
