//! The module of the objects of a cluster.

mod adopted;
mod cleaned;
mod document;
mod family;
mod object;
mod parts;
mod unit;
mod workload_construct;

use std::collections::{BTreeMap, BTreeSet};

use crate::Estate;
use crate::code::Writer;
use crate::exclusions::Exclusions;
use crate::refusal::Refusal;
use crate::types::Types;

use adopted::Adopted;
use object::Read;

pub use adopted::AdoptedObjects;

/// Writes the objects of an estate as modules with this name.
pub fn write(estate: &Estate, module: &str, exclusions: &Exclusions, types: &mut Types) -> AdoptedObjects {
    let mut written = AdoptedObjects::default();
    let mut writer = Writer { types, named: BTreeMap::new(), known: BTreeMap::new(), members: BTreeSet::new() };
    let adopted = adopted(estate, exclusions, &mut written, &mut writer);
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
    let workload = workload_construct::WORKLOAD_CONSTRUCTS.iter().find(|workload| workload.kind == (api_version, kind));
    workload.map(|workload| workload.construct)
}

/// Returns the adopted objects without duplicates.
fn adopted<'a>(
    estate: &'a Estate,
    exclusions: &Exclusions,
    written: &mut AdoptedObjects,
    writer: &mut Writer<'_>,
) -> Vec<Adopted<'a>> {
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
        match exclusions.objects.get(&(read.kind.clone(), read.full_name())) {
            Some(why) => written.refusals.push(refusal(why.clone())),
            None => adopted.push(Adopted { read, exists }),
        }
    }
    adopted
}
