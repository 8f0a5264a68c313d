//! The possible combinations of template conditions.
//!
//! A condition compares parameters with texts. Each parameter is tried with each text that it is compared with, and
//! with another text, if its constraints allow them. The resulting condition values are the possible combinations.

use std::collections::{BTreeMap, BTreeSet};

use crate::val::Data;

use super::document::{Entry, Template};
use super::function::{call, reference};

/// The maximum number of combinations that are tried.
const MOST_TRIED: usize = 4096;

/// The maximum depth of references between conditions.
const DEEPEST: usize = 40;

/// The value of each condition.
pub type Choice = BTreeMap<String, bool>;

/// The compared operands by their text, with their possible values. `None` is a value that equals no compared text.
type Symbols = BTreeMap<String, BTreeSet<Option<String>>>;

pub struct Conditions<'a> {
    definitions: BTreeMap<&'a str, &'a Data>,
    parameters: BTreeMap<&'a str, &'a Entry>,
}

impl<'a> Conditions<'a> {
    /// Returns the conditions of a template.
    pub fn of(template: &'a Template) -> Self {
        Self {
            definitions: template.conditions.iter().map(|it| (it.id.as_str(), &it.body)).collect(),
            parameters: template.parameters.iter().map(|it| (it.id.as_str(), it)).collect(),
        }
    }

    /// Returns every possible combination of these conditions, or `None` if there are too many to try.
    pub fn choices(&self, used: &BTreeSet<&str>) -> Option<BTreeSet<Choice>> {
        let mut symbols = Symbols::new();
        for name in used {
            self.collect(self.definitions.get(name)?, &mut symbols, 0);
        }
        for (name, values) in &mut symbols {
            self.restrict(name, values);
        }
        let n_tried = symbols.values().try_fold(1_usize, |n, values| n.checked_mul(values.len()));
        let n_tried = n_tried.filter(|n| *n <= MOST_TRIED)?;
        let mut found = BTreeSet::new();
        for number in 0..n_tried {
            let mut rest = number;
            let mut values = BTreeMap::new();
            for (name, candidates) in &symbols {
                values.insert(name.as_str(), candidates.iter().nth(rest % candidates.len())?.as_deref());
                rest /= candidates.len();
            }
            found.insert(self.choice(used, &values));
        }
        Some(found)
    }

    /// Returns the combination for the parameter defaults, or `None` if a parameter has no default.
    pub fn by_default(&self, used: &BTreeSet<&str>) -> Option<Choice> {
        let mut symbols = Symbols::new();
        for name in used {
            self.collect(self.definitions.get(name)?, &mut symbols, 0);
        }
        let mut values = BTreeMap::new();
        let defaults: Vec<(&String, String)> = symbols
            .keys()
            .map(|name| {
                let default = self.parameters.get(name.as_str())?.body.at("Default")?;
                Some((name, default.to_text()))
            })
            .collect::<Option<_>>()?;
        for (name, default) in &defaults {
            values.insert(name.as_str(), Some(default.as_str()));
        }
        Some(self.choice(used, &values))
    }

    fn choice(&self, used: &BTreeSet<&str>, values: &BTreeMap<&str, Option<&str>>) -> Choice {
        let holds = |name: &&str| self.definitions.get(name).is_some_and(|it| self.holds(it, values, 0));
        used.iter().map(|name| ((*name).to_owned(), holds(name))).collect()
    }

    /// Collects the operands of a condition and their compared texts.
    fn collect(&self, data: &Data, symbols: &mut Symbols, depth: usize) {
        match Test::of(data) {
            _ if depth > DEEPEST => {}
            Test::Named(name) => {
                self.definitions.get(name).iter().for_each(|it| self.collect(it, symbols, depth + 1));
            }
            Test::All(items) | Test::Any(items) => items.iter().for_each(|it| self.collect(it, symbols, depth + 1)),
            Test::Not(item) => self.collect(item, symbols, depth + 1),
            Test::Compare(symbol, text) => {
                symbols.entry(symbol).or_default().extend([Some(text), None]);
            }
            Test::Known(_) => {}
            Test::Unknown(symbol) => {
                symbols.entry(symbol).or_default().extend([Some(String::new()), None]);
            }
        }
    }

    /// Restricts the values of a parameter to its allowed values.
    fn restrict(&self, symbol: &str, values: &mut BTreeSet<Option<String>>) {
        let allowed = self.parameters.get(symbol).and_then(|it| it.body.at("AllowedValues")).map(Data::items);
        let Some(allowed) = allowed.filter(|it| !it.is_empty()) else { return };
        let allowed: BTreeSet<String> = allowed.iter().map(Data::to_text).collect();
        let has_other = allowed.iter().any(|text| !values.contains(&Some(text.clone())));
        values.retain(|value| value.as_ref().map_or(has_other, |text| allowed.contains(text)));
    }

    fn holds(&self, data: &Data, values: &BTreeMap<&str, Option<&str>>, depth: usize) -> bool {
        let holds = |data: &Data| self.holds(data, values, depth + 1);
        match Test::of(data) {
            _ if depth > DEEPEST => false,
            Test::Named(name) => self.definitions.get(name).is_some_and(|it| holds(it)),
            Test::All(items) => items.iter().all(holds),
            Test::Any(items) => items.iter().any(holds),
            Test::Not(item) => !holds(item),
            Test::Compare(symbol, text) => values.get(symbol.as_str()) == Some(&Some(text.as_str())),
            Test::Known(holds) => holds,
            Test::Unknown(symbol) => values.get(symbol.as_str()) == Some(&Some("")),
        }
    }
}

/// The expression of a condition.
enum Test<'a> {
    Named(&'a str),
    All(&'a [Data]),
    Any(&'a [Data]),
    Not(&'a Data),
    /// A comparison with a text.
    Compare(String, String),
    /// A comparison of two texts.
    Known(bool),
    /// Another expression, by its text.
    Unknown(String),
}

impl<'a> Test<'a> {
    fn of(data: &'a Data) -> Self {
        if let Some(name) = data.as_map().filter(|it| it.len() == 1).and_then(|it| it.get("Condition")?.as_str()) {
            return Test::Named(name);
        }
        match call(data) {
            Some(("Fn::And", Data::List(items))) => Test::All(items),
            Some(("Fn::Or", Data::List(items))) => Test::Any(items),
            Some(("Fn::Not", Data::List(items))) if items.len() == 1 => Test::Not(&items[0]),
            Some(("Fn::Equals", Data::List(items))) => match items.as_slice() {
                [one, other] => Self::equals(one, other),
                _ => Test::Unknown(format!("{data:?}")),
            },
            _ => Test::Unknown(format!("{data:?}")),
        }
    }

    fn equals(one: &Data, other: &Data) -> Self {
        let literal = |data: &Data| (!matches!(data, Data::Map(_) | Data::List(_))).then(|| data.to_text());
        let symbol = |data: &Data| reference(data).map_or_else(|| format!("{data:?}"), str::to_owned);
        match (literal(one), literal(other)) {
            (Some(one), Some(other)) => Test::Known(one == other),
            (Some(text), None) => Test::Compare(symbol(other), text),
            (None, Some(text)) => Test::Compare(symbol(one), text),
            (None, None) if one == other => Test::Known(true),
            (None, None) => Test::Unknown(format!("{one:?} == {other:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Conditions;
    use crate::rules::testing::templates::template;

    const TEXT: &str = r#"{
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {
            "Stage": { "Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev" },
            "Zone": { "Type": "String" }
        },
        "Conditions": {
            "IsProd": { "Fn::Equals": [{ "Ref": "Stage" }, "prod"] },
            "IsDev": { "Fn::Equals": ["dev", { "Ref": "Stage" }] },
            "HasZone": { "Fn::Not": [{ "Fn::Equals": [{ "Ref": "Zone" }, ""] }] },
            "IsBoth": { "Fn::And": [{ "Condition": "IsProd" }, { "Condition": "HasZone" }] }
        }
    }"#;

    #[test]
    fn tries_only_possible_combinations() {
        let template = template(TEXT);
        let conditions = Conditions::of(&template);
        let n = |used: &[&str]| conditions.choices(&used.iter().copied().collect::<BTreeSet<_>>()).map(|it| it.len());
        assert_eq!(n(&["IsProd", "IsDev"]), Some(2));
        assert_eq!(n(&["IsProd", "HasZone"]), Some(4));
        assert_eq!(n(&["IsBoth", "IsProd", "HasZone"]), Some(4));
        assert_eq!(n(&["Nothing"]), None);
    }

    #[test]
    fn returns_one_combination_for_defaults() {
        let template = template(TEXT);
        let conditions = Conditions::of(&template);
        let chosen = conditions.by_default(&["IsProd", "IsDev"].into_iter().collect()).unwrap();
        assert_eq!(chosen.values().collect::<Vec<_>>(), [&true, &false]);
        assert_eq!(conditions.by_default(&["HasZone"].into_iter().collect()), None);
    }
}
