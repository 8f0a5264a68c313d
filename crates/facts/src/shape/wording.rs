//! The wording of problems: the actual and the expected value.

use super::path::Given;
use super::schema::Types;
use meshsynth_model::val::Data;

pub(super) fn got(given: Given) -> String {
    let data = match given {
        Given::Map(_) => return "a map".to_owned(),
        Given::Other(data) => data,
    };
    match data {
        Data::Null => "null".to_owned(),
        Data::List(_) => "a list".to_owned(),
        Data::Secret(_) => "a secret".to_owned(),
        Data::Text(text) => format!("text `{text}`"),
        scalar => format!("`{}`", scalar.to_text()),
    }
}

pub(super) fn wanted(types: Types) -> String {
    let words = [
        (Types::TEXT, "text"),
        (Types::INT, "a whole number"),
        (Types::NUMBER, "a number"),
        (Types::BOOL, "true or false"),
        (Types::LIST, "a list"),
        (Types::MAP, "a map"),
    ];
    let words: Vec<&str> = words.into_iter().filter(|(bit, _)| types.allow(*bit)).map(|(_, word)| word).collect();
    words.join(" or ")
}

pub(super) fn listed(names: &[Box<str>]) -> String {
    list_of(&names.iter().map(|name| &**name).collect::<Vec<_>>())
}

pub(super) fn list_of(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
