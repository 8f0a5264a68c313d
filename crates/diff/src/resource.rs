//! Identity and properties of a template resource.

use meshsynth_assembly::Stack;
use meshsynth_facts as facts;
use serde_json::Value;

use crate::change::{Change, Section};
use crate::side::construct;
use crate::verdict::Judged;

/// A resource: its stack, its logical ID and its template entry.
pub type Row<'a> = (&'a Stack, &'a str, &'a Value);

/// Returns the physical name if the template sets it.
pub fn physical_name<'a>(type_name: &str, properties: &'a Value) -> Option<&'a str> {
    match facts::cloudformation(type_name)?.primary_identifier.as_slice() {
        [property] => properties[property.as_str()].as_str(),
        _ => None,
    }
}

/// Whether the program that wrote the assembly marked the resource as stateful.
pub fn is_stateful(stack: &Stack, id: &str) -> bool {
    stack.resources.get(id).is_some_and(|row| row.stateful)
}

pub fn type_of(resource: &Value) -> &str {
    resource["Type"].as_str().unwrap_or_default()
}

/// Returns a change of the resource without edits.
pub fn change(stack: &Stack, id: &str, type_name: &str, judged: Judged) -> Change {
    let section = Section::Stack(stack.id.clone());
    Change {
        id: id.to_owned(),
        source: stack.resources.get(id).map(|row| row.source.clone()).unwrap_or_default(),
        reasons: judged.reasons,
        data: judged.data,
        ..Change::new(section, type_name, construct(stack, id), judged.verdict)
    }
}
