//! The module of the objects of a cluster.

mod cleaned;
mod document;
mod family;
mod maker;
mod object;
mod parts;
mod unit;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use crate::Estate;
use crate::code::Writer;
use crate::held::Held;
use crate::refusal::Refusal;
use crate::types::Types;

use object::Read;
use written::Adopted;

pub use written::Written;

/// Writes the objects of an estate as modules with this name.
pub fn write(estate: &Estate, module: &str, held: &Held, types: &mut Types) -> Written {
    let mut written = Written::default();
    let known = BTreeMap::new();
    let mut writer = Writer { types, named: BTreeMap::new(), known: &known, members: BTreeSet::new() };
    let adopted = adopted(estate, held, &mut written, &mut writer);
    if adopted.is_empty() {
        return written;
    }
    let mut kinds = object::Kinds::new(module);
    let units = unit::units(&adopted, estate, &mut kinds, &mut writer, &mut written);
    written.modules = parts::modules(units, module, estate, kinds);
    written
}

/// Returns the path of the construct that defines a workload kind, such as `mesh::Workload`.
pub fn construct_of(api_version: &str, kind: &str) -> Option<&'static str> {
    let maker = maker::MAKERS.iter().find(|maker| maker.kind == (api_version, kind));
    maker.map(|maker| maker.construct)
}

/// Returns the adopted objects without duplicates.
fn adopted<'a>(estate: &'a Estate, held: &Held, written: &mut Written, writer: &mut Writer<'_>) -> Vec<Adopted<'a>> {
    let (mut seen, mut adopted) = (BTreeMap::new(), Vec::new());
    let whole = object::of_clusters(&estate.objects);
    for exists in &estate.objects {
        let refusal = |why: String| Refusal { file: exists.file.clone(), line: exists.line, why };
        let read = match Read::of(exists, writer.types, &whole) {
            Ok(read) => read,
            Err(why) => {
                written.refusals.push(refusal(why));
                continue;
            }
        };
        let group = read.api_version.split_once('/').map_or("", |(group, _)| group).to_owned();
        let identity = (group, read.kind.clone(), read.namespace.clone(), read.name.clone());
        if let Some((first, place)) = seen.get(&identity) {
            let what = format!("`{}` `{}`", read.kind, read.name);
            match *first == read.body {
                true => written.same.push(refusal(format!("{what} is identical to the one in {place}"))),
                false => {
                    let why = format!("{what} differs from the one in {place}, which is adopted: remove one of them");
                    written.refusals.push(refusal(why));
                }
            }
            continue;
        }
        seen.insert(identity, (read.body.clone(), format!("{}:{}", exists.file, exists.line)));
        match held.left_out.get(&(read.kind.clone(), read.full_name())) {
            Some(why) => written.refusals.push(refusal(why.clone())),
            None => adopted.push(Adopted { read, exists }),
        }
    }
    adopted
}
