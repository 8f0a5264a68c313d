//! Pairs of key and value, for comprehensions with two variables.

use std::collections::HashMap;

use cel::common::types::{CelInt, CelList, CelMap, CelMapKey, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::{Args, Returned, fault, items, kept, kept_key};
use crate::expressions::comprehensions::{MAP_OF_PAIRS, MERGED, PAIRS};
use crate::expressions::unknown::as_unknown;

/// Adds the functions that rewritten macros call.
pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(PAIRS, "pairs", vec![DYN_TYPE], pairs)?;
    env.add_overload(MAP_OF_PAIRS, "map_of_pairs", vec![DYN_TYPE], map_of_pairs)?;
    env.add_overload(MERGED, "merged", vec![DYN_TYPE], merged)
}

fn pair(key: Box<dyn Val>, value: &dyn Val) -> Box<dyn Val> {
    Box::new(CelList::from(vec![key, kept(value)]))
}

/// Returns `[[key, value], ..]`. The keys of a list are its indices.
fn pairs<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let value = args[0].as_ref();
    if let Some(unknown) = as_unknown(value) {
        return Err(unknown.error());
    }
    let pairs: Vec<Box<dyn Val>> = if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        let numbered = (0_i64..).zip(list.inner());
        numbered.map(|(idx, item)| pair(Box::new(CelInt::from(idx)), item.as_ref())).collect()
    } else if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
        let mut entries: Vec<_> = map.inner().iter().collect();
        entries.sort_by_key(|(key, _)| format!("{key:?}"));
        entries.into_iter().map(|(key, value)| pair(kept(key.inner()), value.as_ref())).collect()
    } else {
        return Err(ExecutionError::no_such_overload("comprehension", vec![value.get_type().name().to_owned()]));
    };
    Ok(CowVal::owned(CelList::from(pairs)))
}

fn map_of_pairs<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let mut map: HashMap<CelMapKey<'static>, Box<dyn Val>> = HashMap::new();
    for pair in items(&args, 0)? {
        let Some([key, value]) = pair.as_ref().downcast_ref::<CelList<'_>>().map(CelList::inner) else { continue };
        map.insert(CelMapKey::try_from(kept(key.as_ref()))?, kept(value.as_ref()));
    }
    Ok(CowVal::owned(CelMap::from(map)))
}

fn merged<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let mut map: HashMap<CelMapKey<'static>, Box<dyn Val>> = HashMap::new();
    for part in items(&args, 0)? {
        let part = part.as_ref().downcast_ref::<CelMap<'_>>();
        let part = part.ok_or_else(|| fault("transformMapEntry", "an entry is not a map"))?;
        part.inner().iter().try_for_each(|(key, value)| match map.insert(kept_key(key), kept(value.as_ref())) {
            Some(_) => Err(fault("transformMapEntry", "insert failed: key already exists")),
            None => Ok(()),
        })?;
    }
    Ok(CowVal::owned(CelMap::from(map)))
}
