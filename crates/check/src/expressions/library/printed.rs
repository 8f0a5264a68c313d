//! Lists and maps in the form in which `format` prints them.

use cel::common::types::{CelBool, CelInt, CelList, CelMap, CelString, DYN_TYPE, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env};

use super::equality::PRINTED;
use super::{Args, Returned, items, kept};

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(PRINTED, "printed(list)", vec![LIST_TYPE], printed)?;
    env.add_overload(PRINTED, "printed(dyn)", vec![DYN_TYPE], |mut args| Ok(args.remove(0)))
}

/// Converts lists and maps of texts in the arguments to text.
fn printed<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let shown = |item: &(dyn Val + 'v)| -> Box<dyn Val> {
        let is_whole = item.downcast_ref::<CelList<'_>>().is_some() || item.downcast_ref::<CelMap<'_>>().is_some();
        match quoted(item) {
            Some(text) if is_whole => Box::new(CelString::from(text)),
            _ => kept(item),
        }
    };
    Ok(CowVal::owned(CelList::from(items(&args, 0)?.iter().map(|item| shown(item.as_ref())).collect::<Vec<_>>())))
}

/// Formats a value in a list or a map. Returns `None` if the crate `cel` prints it as the API server does.
fn quoted(value: &(dyn Val + '_)) -> Option<String> {
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        return Some(format!("{:?}", text.inner()));
    }
    if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        let items: Vec<String> = list.inner().iter().map(|item| quoted(item.as_ref())).collect::<Option<_>>()?;
        return Some(format!("[{}]", items.join(", ")));
    }
    if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
        let entries = map.inner().iter();
        let entries =
            entries.map(|(key, value)| Some(format!("{}: {}", quoted(key.inner())?, quoted(value.as_ref())?)));
        let mut entries: Vec<String> = entries.collect::<Option<_>>()?;
        entries.sort();
        return Some(format!("{{{}}}", entries.join(", ")));
    }
    let int = value.downcast_ref::<CelInt>().map(|it| it.inner().to_string());
    int.or_else(|| value.downcast_ref::<CelBool>().map(|it| it.inner().to_string()))
}
