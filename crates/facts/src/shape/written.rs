//! Checks properties of existing templates. These templates are written by hand, and may be packaged before deployment.

use super::schema::{Problem, Shape};
use meshsynth_model::val::{Bag, Data, Deferred};

/// Properties that may contain a file path until the template is packaged.
///
/// Source: <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html>
pub const PACKAGED: [&str; 6] =
    ["BodyS3Location", "Code", "Content", "DefinitionS3Location", "SourceBundle", "TemplateURL"];

impl Shape {
    /// Returns the problems of properties in an existing template. The check is less strict than the check of a
    /// program's resources, because AWS services also accept these values:
    ///
    /// - In most cases, an empty list or map has the same effect as a missing one.
    /// - Boolean values can have upper-case letters, such as `True`.
    /// - The values of dynamic references and file paths are unknown.
    pub fn check_template(&self, bag: &Bag, is_list: &dyn Fn(&Deferred) -> bool) -> Vec<Problem> {
        let mut found = self.check_written(bag, is_list);
        found.retain(|problem| at(bag, &problem.path).is_none_or(|value| is_known(value, &problem.path)));
        found
    }

    /// Returns the problems of properties in an existing template, and checks every value.
    pub fn check_written(&self, bag: &Bag, is_list: &dyn Fn(&Deferred) -> bool) -> Vec<Problem> {
        let mut found = self.check_bag_with(bag, is_list);
        if !found.is_empty() {
            let without_empty = self.check_bag_with(&without_empty(bag), is_list);
            found.retain(|problem| without_empty.contains(problem) || lies_in_empty(bag, &problem.path));
        }
        found
    }
}

fn is_known(value: &Data, path: &str) -> bool {
    let is_packaged = || PACKAGED.iter().any(|name| path.rsplit('.').next() == Some(name));
    match value {
        Data::Null => false,
        Data::Text(text) => {
            let is_truth = matches!(text.as_ref(), "True" | "TRUE" | "False" | "FALSE");
            !is_truth && !text.contains("{{resolve:") && !is_packaged()
        }
        _ => true,
    }
}

fn at<'a>(bag: &'a Bag, path: &str) -> Option<&'a Data> {
    bag.at(&path.replace('[', ".").replace(']', ""))
}

fn is_empty(data: &Data) -> bool {
    matches!(data, Data::List(items) if items.is_empty()) || matches!(data, Data::Map(bag) if bag.is_empty())
}

/// Returns the properties without empty lists and maps. List items are kept, so that paths stay valid.
fn without_empty(bag: &Bag) -> Bag {
    fn of(data: &Data) -> Data {
        match data {
            Data::List(items) => Data::List(items.iter().map(of).collect()),
            Data::Map(bag) => Data::Map(without_empty(bag)),
            scalar => scalar.clone(),
        }
    }
    bag.iter().filter(|(_, value)| !is_empty(value)).map(|(key, value)| (key.to_owned(), of(value))).collect()
}

/// Whether a path such as `Rules[0].Id` refers to an empty list or map, or to a value below one.
fn lies_in_empty(bag: &Bag, path: &str) -> bool {
    let path = path.replace('[', ".").replace(']', "");
    let ends = path.match_indices('.').map(|(end, _)| end).chain([path.len()]);
    ends.filter_map(|end| bag.at(&path[..end])).any(is_empty)
}
