//! The typed resources and kinds: the index of `meshsynth-adopt`, combined with the facts of each type.

mod change;
mod find;
mod page;

use meshsynth::facts;
use meshsynth_adopt::types::{Form, Kind, Listed, Prop, Types};
use meshsynth_adopt::{construct_of, example};

use self::change::Change;
pub use self::find::{find, find_by_suffix, is_path, search};
use super::pages;

/// A generated type with its facts.
#[derive(Debug)]
pub struct Typed {
    /// Its path and its vendor's name.
    pub listed: Listed,
    /// The module of its nested types.
    module: Option<String>,
    /// The arguments of `new`.
    required: Vec<Field>,
    /// The properties with setters.
    optional: Vec<Field>,
    /// The attributes of a resource.
    attributes: Vec<Field>,
    /// The type of `Ref`, and the property that it returns.
    reference: Option<(String, Option<String>)>,
    /// The variants of an enum, each with its text.
    values: Vec<(String, String)>,
    /// The properties of its resource type that have this type.
    uses: Vec<String>,
    /// The constructs that define it.
    constructs: Vec<&'static str>,
    /// Whether it requires a deletion policy.
    is_stateful: bool,
    /// A program that uses it.
    example: String,
}

/// A property or an attribute.
#[derive(Debug)]
struct Field {
    /// Its name in Rust.
    name: String,
    /// The vendor's name.
    key: String,
    /// Its type.
    kind: String,
    /// The effect of a change. `None` for attributes, and for nested types of Kubernetes.
    change: Option<Change>,
}

impl Typed {
    /// Reads a type of the index.
    pub fn read(listed: Listed) -> Self {
        let mut types = Types::default();
        let example = example::example(&mut types, &listed);
        let owner = listed.vendor.split('.').next().filter(|_| !listed.is_main()).unwrap_or_default();
        let uses = if owner.contains("::") { uses(&mut types, owner, &listed.path) } else { Vec::new() };
        let facts = facts::cloudformation(&listed.vendor);
        let field = |prop: &Prop, change| Field {
            name: prop.field.clone(),
            key: prop.key.clone(),
            kind: prop.kind.to_string(),
            change,
        };
        // A nested type of Kubernetes can be a part of several kinds.
        let has_facts = listed.is_main() || owner.contains("::");
        let changed = |prop: &Prop| has_facts.then(|| Change::of(&listed, &uses, &prop.key));
        let record = types.record(&listed.path);
        let fields = |props: Option<&Vec<Prop>>| -> Vec<Field> {
            props.into_iter().flatten().map(|prop| field(prop, changed(prop))).collect()
        };
        Self {
            required: fields(record.map(|record| &record.required)),
            optional: fields(record.map(|record| &record.optional)),
            attributes: record.into_iter().flat_map(|it| &it.attributes).map(|it| field(it, None)).collect(),
            reference: record
                .and_then(|record| record.reference.as_ref())
                .map(|kind| (kind.to_string(), facts.and_then(|facts| facts.ref_is.clone()))),
            values: types.variants(&listed.path).to_vec(),
            constructs: constructs(&listed),
            module: listed.module().filter(|_| types.has_nested(&listed.path)),
            is_stateful: facts.is_some_and(|facts| facts.stateful),
            example,
            uses,
            listed,
        }
    }
}

/// Returns the constructs that define a type: its own construct, or else those whose page lists the type.
fn constructs(listed: &Listed) -> Vec<&'static str> {
    let (version, kind) = listed.vendor.split_once(' ').unwrap_or_default();
    let own = match listed.form {
        Form::Resource => facts::resource(&listed.vendor).construct,
        Form::Kind => construct_of(version, kind),
        Form::Record | Form::Choice => return Vec::new(),
    };
    if let Some(own) = own {
        return vec![own];
    }
    let name = if listed.form == Form::Kind { kind } else { &listed.vendor };
    let row = format!("\n| `{name}` | ");
    pages().into_iter().filter(|page| page.text.contains(&row)).map(|page| page.name).collect()
}

/// Returns the paths of the properties of a resource type that have a nested type. `*` represents the items of a list.
fn uses(types: &mut Types, owner: &str, path: &str) -> Vec<String> {
    let Some(root) = types.resource(owner).map(|record| record.path.clone()) else { return Vec::new() };
    let mut found = Vec::new();
    let mut open = vec![(root.clone(), String::new(), vec![root])];
    while let Some((record, prefix, above)) = open.pop() {
        let Some(record) = types.record(&record) else { continue };
        for prop in record.required.iter().chain(&record.optional) {
            let (named, suffix) = named(&prop.kind);
            let Some(named) = named else { continue };
            let at = format!("{prefix}{}{suffix}", prop.key);
            if named == path {
                found.push(at.clone());
            }
            // A type can contain itself.
            if !above.iter().any(|it| it == named) {
                let above = above.iter().cloned().chain([named.to_owned()]).collect();
                open.push((named.to_owned(), format!("{at}."), above));
            }
        }
    }
    found.sort();
    found
}

/// Returns the record or enum of a type, and the path of the list or map items that have it.
fn named(kind: &Kind) -> (Option<&str>, String) {
    match kind {
        Kind::Named(path) => (Some(path), String::new()),
        Kind::List(item) | Kind::Map(item) => {
            let (path, rest) = named(item);
            (path, format!(".*{rest}"))
        }
        _ => (None, String::new()),
    }
}
