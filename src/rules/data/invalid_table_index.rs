//! The indexes of a DynamoDB table contradict each other or the table.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - a local index of a table without a sort key
//! - a local index with another partition key than the table
//! - two indexes with the same name
//! - an attribute with two types
//! - a key attribute without a definition, or a definition of an attribute that is in no key
//! - more than 5 local or 20 global indexes
//!
//! # Why it matters
//!
//! A local index sorts the partitions of its table by another attribute, so the table needs a sort key and both have
//! the same partition key. DynamoDB rejects the table.
//!
//! # Fix
//!
//! Add a sort key to the table, or use a global index. Use one type for each key attribute, and a unique name for each
//! index.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html>

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for type_name in ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"] {
        for (id, table) in model.of_type(type_name) {
            local_indexes(model, id, &table.props, out);
            names_and_numbers(model, id, &table.props, out);
            kinds(model, id, &table.props, out);
            definitions(model, id, &table.props, out);
        }
    }
}

fn local_indexes(model: &Model, id: NodeId, table: &Bag, out: &mut Vec<Diagnostic>) {
    let key = |of: &Bag, kind: &str| key(of, kind).map(str::to_owned);
    for index in list(table, "LocalSecondaryIndexes").filter_map(Data::as_map) {
        let name = text(index, "IndexName").unwrap_or("?");
        let (wanted, got) = (key(table, "HASH"), key(index, "HASH"));
        if key(table, "RANGE").is_none() {
            out.push(
                model
                    .error(id, "MS0319", format!("local index `{name}` requires a sort key, which the table does not have"))
                    .help("add a sort key to the table, or define a global index"),
            );
        } else if let (Some(wanted), Some(got)) = (wanted, got)
            && wanted != got
        {
            let message = format!("local index `{name}` has the partition key `{got}`; it must be `{wanted}`, the partition key of the table");
            out.push(model.error(id, "MS0319", message).help("use the partition key of the table, or define a global index"));
        }
    }
}

fn names_and_numbers(model: &Model, id: NodeId, table: &Bag, out: &mut Vec<Diagnostic>) {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (property, kind, most) in [("LocalSecondaryIndexes", "local", 5), ("GlobalSecondaryIndexes", "global", 20)] {
        let number = list(table, property).count();
        if number > most {
            out.push(
                model
                    .error(id, "MS0319", format!("the table has {number} {kind} indexes; the maximum is {most}"))
                    .help("remove an index, or split the table"),
            );
        }
        for name in list(table, property).filter_map(Data::as_map).filter_map(|index| text(index, "IndexName")) {
            *names.entry(name).or_default() += 1;
        }
    }
    for (name, _) in names.into_iter().filter(|(_, number)| *number > 1) {
        out.push(
            model
                .error(id, "MS0319", format!("the table has two indexes named `{name}`"))
                .help("give each index of the table a different name"),
        );
    }
}

fn kinds(model: &Model, id: NodeId, table: &Bag, out: &mut Vec<Diagnostic>) {
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    for definition in list(table, "AttributeDefinitions").filter_map(Data::as_map) {
        let (Some(name), Some(kind)) = (text(definition, "AttributeName"), text(definition, "AttributeType")) else {
            continue;
        };
        let known = *kinds.entry(name).or_insert(kind);
        if known != kind {
            out.push(
                model
                    .error(id, "MS0319", format!("attribute `{name}` has type `{known}` in one key and type `{kind}` in another"))
                    .help("use the same type in all keys that contain the attribute"),
            );
        }
    }
}

/// Compares the attributes in keys with the defined attributes.
fn definitions(model: &Model, id: NodeId, table: &Bag, out: &mut Vec<Diagnostic>) {
    let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"].into_iter().flat_map(|it| list(table, it));
    let mut keys: BTreeMap<&str, String> = BTreeMap::new();
    let tables = [Some(table)].into_iter().chain(indexes.map(Data::as_map));
    for of in tables {
        let Some(of) = of else { return };
        let what = text(of, "IndexName").map_or_else(|| "the table".to_owned(), |name| format!("index `{name}`"));
        for key in list(of, "KeySchema") {
            // The attribute may be known only at deployment.
            let Some(name) = key.as_map().and_then(|key| text(key, "AttributeName")) else { return };
            keys.entry(name).or_insert_with(|| what.clone());
        }
    }
    let mut defined: Vec<&str> = Vec::new();
    for definition in list(table, "AttributeDefinitions") {
        let Some(name) = definition.as_map().and_then(|it| text(it, "AttributeName")) else { return };
        defined.push(name);
    }
    if defined.is_empty() || keys.is_empty() {
        return;
    }
    for (name, what) in keys.iter().filter(|(name, _)| !defined.contains(*name)) {
        let message = format!("`{name}` is in the key of {what}, but `AttributeDefinitions` does not define it");
        let diagnostic = model.error(id, "MS0319", message).field("AttributeDefinitions");
        out.push(diagnostic.help(format!("define `{name}` with its type, or correct the name in the key")));
    }
    for (idx, name) in defined.iter().enumerate().filter(|(_, name)| !keys.contains_key(*name)) {
        let message = format!("`AttributeDefinitions` defines `{name}`, which is in no key");
        let diagnostic = model.error(id, "MS0319", message).field(format!("AttributeDefinitions[{idx}]"));
        out.push(diagnostic.help("remove the definition: DynamoDB accepts only attributes of keys"));
    }
}

fn list<'a>(of: &'a Bag, property: &str) -> impl Iterator<Item = &'a Data> {
    of.get(property).map_or(&[][..], Data::items).iter()
}

fn text<'a>(of: &'a Bag, property: &str) -> Option<&'a str> {
    of.get(property).and_then(Data::as_str)
}

/// Returns the key attribute of a key type, such as `HASH`.
fn key<'a>(of: &'a Bag, kind: &str) -> Option<&'a str> {
    let mut keys = list(of, "KeySchema").filter_map(Data::as_map);
    keys.find(|key| text(key, "KeyType") == Some(kind)).and_then(|key| text(key, "AttributeName"))
}

#[cfg(test)]
mod tests {
    use crate::dynamodb::{Attribute, Index, LocalIndex, Table, TableProps};
    use crate::rules::testing::templates::fields;
    use crate::testing::{codes, stack};

    fn table(props: TableProps) -> Vec<&'static str> {
        codes(|app| drop(Table::new(&stack(app, "data"), "orders", Attribute::text("customer"), props)))
    }

    fn by_day() -> LocalIndex {
        LocalIndex::new("by-day", Attribute::text("day"))
    }

    #[test]
    fn reports_a_local_index_of_a_table_without_a_sort_key() {
        assert_eq!(table(TableProps { local_indexes: vec![by_day()], ..Default::default() }), ["MS0319"]);
    }

    #[test]
    fn reports_duplicate_names_and_conflicting_attribute_types() {
        let index = || Index::new("by-day", Attribute::text("day"));
        let other = Index::new("by-day", Attribute::text("month"));
        assert_eq!(table(TableProps { indexes: vec![index(), other], ..Default::default() }), ["MS0319"]);
        let sort_key = Some(Attribute::Number("day".into()));
        assert_eq!(table(TableProps { sort_key, indexes: vec![index()], ..Default::default() }), ["MS0319"]);
    }

    #[test]
    fn compares_keys_with_attribute_definitions() {
        let table = |defined: &[&str], keys: &[&str]| {
            let define = |name: &&str| format!(r#"{{ "AttributeName": "{name}", "AttributeType": "S" }}"#);
            let key = |(idx, name): (usize, &&str)| format!(r#"{{ "AttributeName": "{name}", "KeyType": "{}" }}"#, ["HASH", "RANGE"][idx]);
            let (defined, keys): (Vec<_>, Vec<_>) = (defined.iter().map(define).collect(), keys.iter().enumerate().map(key).collect());
            let (defined, keys) = (defined.join(", "), keys.join(", "));
            let text = format!(
                r#"{{ "Resources": {{ "T": {{ "Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
                "Properties": {{ "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{defined}], "KeySchema": [{keys}] }} }} }} }}"#
            );
            fields(&text).into_iter().filter(|it| it.starts_with("MS0319")).collect::<Vec<_>>()
        };
        assert_eq!(table(&["id"], &["id"]), [""; 0]);
        assert_eq!(table(&["id"], &["id", "day"]), ["MS0319 Properties.AttributeDefinitions"]);
        assert_eq!(table(&["id", "day"], &["id"]), ["MS0319 Properties.AttributeDefinitions[1]"]);
    }

    #[test]
    fn accepts_a_local_index_of_a_table_with_a_sort_key() {
        let sort_key = Some(Attribute::text("number"));
        assert_eq!(table(TableProps { sort_key, local_indexes: vec![by_day()], ..Default::default() }), [""; 0]);
    }
}
