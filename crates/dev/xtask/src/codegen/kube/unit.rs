//! Builds a unit of the model from the schemas.

use super::embed::Embed;
use super::facts::{Kind, Module, Root, is_required};
use super::find::Finder;
use super::fixups;
use super::model::{Object, Prop, Record, Unit};
use super::names::Taken;
use crate::codegen::case;
use anyhow::{Result, bail};

impl Unit {
    pub fn new(
        module: &Module,
        file: Option<&str>,
        roots: Vec<Root<'_>>,
        embed: &Embed<'_>,
        given: &mut fixups::Names,
    ) -> Result<Self> {
        let finder = Finder::new(module, embed, &roots);
        let label = format!("{}.{}", module.name, file.unwrap_or("*"));
        let mut taken = Taken::default();
        let names = finder.names(&mut taken, &label, given)?;
        let choices = finder.choices(&names, &mut taken)?;
        let mut unit = Unit { kind: file.map(str::to_owned), records: Vec::new(), choices };
        for (idx, node) in finder.nodes.iter().enumerate() {
            let mut props = Vec::new();
            for (key, schema) in node.properties() {
                let name = case::pascal(key);
                let kind = finder.kind(schema, &name, idx)?;
                let (field, required) = (case::field(key), is_required(node.schema, key));
                if props.iter().any(|prop: &Prop| prop.field == field) {
                    bail!("`{}` has two properties `{field}`", names[idx]);
                }
                props.push(Prop { field, key: key.clone(), kind, required });
            }
            let (name, doc) = (names[idx].clone(), finder.doc(idx, &names));
            let object = node.kind.map(object);
            unit.records.push(Record { name, doc, object, props });
        }
        Ok(unit)
    }
}

fn object(kind: &Kind) -> Object {
    Object {
        api_version: kind.api_version.clone(),
        kind: kind.name.clone(),
        wave: kind.wave.clone(),
        namespaced: kind.namespaced,
    }
}
