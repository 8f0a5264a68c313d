//! Detection of resources that got another logical ID or moved to another stack.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::change::{Change, Was};
use crate::effect::Verdict;
use crate::fate::Fate;
use crate::resource::{Row, change, is_stateful, physical_name, type_of};
use crate::side::construct;
use crate::tree::{self, Dialect};
use crate::verdict;

/// New logical IDs by old ones.
type Ids = BTreeMap<String, String>;

/// Type, region and account, which a renamed resource keeps.
type Group<'a> = (&'a str, &'a str, Option<&'a str>);

/// Pairs each removed resource with the identical new one. A resource with several candidates is not paired.
pub fn find(gone: &mut Vec<Row>, new: &mut Vec<Row>) -> Vec<Change> {
    let index = Index::new(new);
    let mut open: Vec<Open> =
        gone.iter().map(|row| Open { row: *row, wording: Value::Null, fits: Vec::new() }).collect();
    let mut taken = vec![false; new.len()];
    let mut ids = Ids::new();
    let mut changes = Vec::new();
    // Each pair can produce more pairs, because references change from the old ID to the new one.
    loop {
        let n_open = open.len();
        open.retain_mut(|old| {
            old.look(&index, &ids);
            old.fits.retain(|at| !taken[*at]);
            let [at] = old.fits.as_slice() else { return true };
            taken[*at] = true;
            ids.insert(old.row.1.to_owned(), new[*at].1.to_owned());
            changes.push(renamed(old.row, new[*at]));
            false
        });
        if open.len() == n_open {
            break;
        }
    }
    *gone = open.iter().map(|old| old.row).collect();
    let mut taken = taken.iter();
    new.retain(|_| taken.next() == Some(&false));
    changes
}

/// A removed resource without a pair.
struct Open<'a> {
    row: Row<'a>,
    /// Its properties, with the IDs that were known in the last search.
    wording: Value,
    fits: Vec<usize>,
}

impl Open<'_> {
    /// Searches for new resources with the same properties, unless the known IDs change nothing.
    fn look(&mut self, index: &Index, ids: &Ids) {
        let wording = rewritten(&self.row.2["Properties"], ids);
        if self.wording != wording {
            self.fits = index.fits(self.row, &wording);
            self.wording = wording;
        }
    }
}

/// An index of the new resources by their type, place and text.
struct Index<'a> {
    rows: Vec<(Row<'a>, Value)>,
    groups: HashMap<Group<'a>, Vec<usize>>,
    texts: HashMap<(Group<'a>, String), Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(new: &[Row<'a>]) -> Self {
        let none = Ids::new();
        let rows: Vec<(Row, Value)> = new.iter().map(|row| (*row, rewritten(&row.2["Properties"], &none))).collect();
        let mut index = Index { rows, groups: HashMap::new(), texts: HashMap::new() };
        for (at, (row, wording)) in index.rows.iter().enumerate() {
            index.groups.entry(group(*row)).or_default().push(at);
            index.texts.entry((group(*row), wording.to_string())).or_default().push(at);
        }
        index
    }

    fn fits(&self, old: Row, wording: &Value) -> Vec<usize> {
        let name = physical_name(type_of(old.2), &old.2["Properties"]);
        if name.is_none() && wording.as_object().is_none_or(serde_json::Map::is_empty) {
            return Vec::new();
        }
        if name.is_none()
            && let Some(same) = self.texts.get(&(group(old), wording.to_string()))
        {
            return same.clone();
        }
        let near = self.groups.get(&group(old)).map(Vec::as_slice).unwrap_or_default();
        let fits = |at: &usize| {
            let (row, other) = &self.rows[*at];
            match (name, physical_name(type_of(row.2), &row.2["Properties"])) {
                (Some(a), Some(b)) => a == b,
                _ => has_same_keys(wording, other) && is_same(type_of(old.2), wording, other),
            }
        };
        near.iter().copied().filter(fits).collect()
    }
}

fn group<'a>(row: Row<'a>) -> Group<'a> {
    (type_of(row.2), &row.0.region, row.0.account.as_deref())
}

fn is_same(type_name: &str, a: &Value, b: &Value) -> bool {
    tree::compare_resource(type_name, a, b, Dialect::CloudFormation, None, None).0.is_empty()
}

/// Whether two property maps have the same keys. If not, the properties differ.
fn has_same_keys(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => a.keys().eq(b.keys()),
        _ => true,
    }
}

/// Returns properties without tags, with old IDs replaced by new ones.
fn rewritten(value: &Value, ids: &Ids) -> Value {
    match value {
        Value::Object(map) => {
            let keep = map.iter().filter(|(key, _)| *key != "Tags");
            Value::Object(keep.map(|(key, value)| (key.clone(), rewritten(value, ids))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| rewritten(item, ids)).collect()),
        Value::String(text) => Value::String(ids.get(text).unwrap_or(text).clone()),
        other => other.clone(),
    }
}

fn renamed((stack, id, before): Row, (new_stack, new_id, after): Row) -> Change {
    let mut judged = verdict::deletion(type_of(before), is_stateful(stack, id), before);
    let is_moved = stack.id != new_stack.id;
    let was = format!("previously `{}` (`{id}`) in stack `{}`", construct(stack, id), stack.id);
    let refactor = format!(
        "without a stack refactor, CloudFormation creates a new resource, then deletes or retains the old one; `aws \
         cloudformation create-stack-refactor` with `StackName={},LogicalResourceId={id}` → \
         `StackName={},LogicalResourceId={new_id}` {} it instead",
        stack.name,
        new_stack.name,
        if is_moved { "moves" } else { "renames" },
    );
    if let [Fate::Removed(old)] = judged.data[..] {
        judged.data = vec![Fate::Renamed(old)];
    }
    judged.verdict = Verdict::Rename;
    judged.reasons = vec![was.into(), refactor.into()];
    let mut change = change(new_stack, new_id, type_of(after), judged);
    let none = Value::Null;
    let of = |resource: &'_ Value| resource.get("Properties").unwrap_or(&none).clone();
    let aws = Dialect::CloudFormation;
    change.edits = tree::compare_resource(type_of(after), &of(before), &of(after), aws, None, None).0;
    let (from, to) = ((stack.name.clone(), id.to_owned()), (new_stack.name.clone(), new_id.to_owned()));
    change.was = Some(Was { from, to });
    change
}
