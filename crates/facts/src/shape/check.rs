//! Checks data against a shape.

use super::near::nearest;
use super::path::{Given, Path, Step};
use super::presence::{self, FUNCTION, LeftOut, Presence};
use super::schema::{
    Dialect, Idx, ListRules, Logic, MapRules, Node, NumberRules, Others, Problem, READ_ONLY, Shape, TextRules, Types,
};
use super::wording::{got, list_of, listed, wanted};
use meshsynth_model::val::{Bag, Data, Deferred};

/// The maximum length of a list that is searched for duplicate items.
const MOST_COMPARED: usize = 200;

/// The maximum number of values in a message.
const MOST_LISTED: usize = 8;

pub(super) struct Check<'a> {
    shape: &'a Shape,
    problems: Vec<Problem>,
    /// Whether the check only determines if there is a problem, and creates no messages.
    quiet: bool,
    failed: bool,
    /// Whether a property counts as not set if a template condition may remove it.
    is_strict: bool,
    /// Returns whether a deferred value is a list.
    is_list: &'a dyn Fn(&Deferred) -> bool,
}

impl<'a> Check<'a> {
    pub(super) fn new(shape: &'a Shape, is_list: &'a dyn Fn(&Deferred) -> bool) -> Self {
        Self { shape, problems: Vec::new(), quiet: false, failed: false, is_strict: false, is_list }
    }

    pub(super) fn data(mut self, data: &Data) -> Vec<Problem> {
        self.node(self.shape.root, data.into(), &Path::ROOT);
        self.problems
    }

    pub(super) fn bag(mut self, bag: &Bag) -> Vec<Problem> {
        self.node(self.shape.root, Given::Map(bag), &Path::ROOT);
        self.problems
    }

    fn at(&self, idx: Idx) -> &'a Node {
        &self.shape.nodes[idx as usize]
    }

    fn node(&mut self, idx: Idx, given: Given, path: &Path) {
        if self.quiet && self.failed {
            return;
        }
        let node = self.at(idx);
        if let Given::Other(Data::Deferred(deferred)) = given {
            return self.deferred(node, deferred, path);
        }
        if !self.fits(node.types, given) {
            return self.fail(path, || (format!("expected {1}, found {0}", got(given), wanted(node.types)), None));
        }
        match given {
            Given::Map(bag) => node.map.iter().for_each(|rules| self.map(rules, bag, path)),
            Given::Other(Data::List(items)) => node.list.iter().for_each(|rules| self.list(rules, items, path)),
            Given::Other(data) => self.scalar(node, data, path),
        }
        if let Some(logic) = &node.logic {
            self.logic(logic, given, path);
        }
    }

    /// Checks a deferred value, for which only one fact is known: whether it is a list.
    fn deferred(&mut self, node: &Node, deferred: &Deferred, path: &Path) {
        if (self.is_list)(deferred) && !node.types.allow(Types::LIST) {
            let help = "use an item of the list, `list.item(0)`, or join it to one text, `list.join(\",\")`";
            self.fail(path, || (format!("expected {}, found a list", wanted(node.types)), Some(help.to_owned())));
        }
    }

    /// Whether a value has one of the types, or can be converted to one.
    fn fits(&self, types: Types, given: Given) -> bool {
        let converts = self.shape.dialect == Dialect::CloudFormation;
        let data = match given {
            Given::Map(_) => return types.allow(Types::MAP),
            Given::Other(data) => data,
        };
        match data {
            Data::Null => types.allow(Types::NULL),
            Data::Bool(_) => types.allow(Types::BOOL) || converts && types.allow(Types::TEXT),
            Data::Int(_) => types.allow(Types::INT | Types::NUMBER) || converts && types.allow(Types::TEXT),
            Data::Float(value) => {
                types.allow(Types::NUMBER)
                    || types.allow(Types::INT) && value.fract() == 0.0
                    || converts && types.allow(Types::TEXT)
            }
            Data::Text(text) => types.allow(Types::TEXT) || converts && reads_as(types, text),
            Data::Secret(_) => types.allow(Types::TEXT),
            Data::List(_) => types.allow(Types::LIST),
            Data::Map(_) => types.allow(Types::MAP),
            Data::Deferred(_) => true,
        }
    }

    fn map(&mut self, rules: &MapRules, bag: &Bag, path: &Path) {
        let shape = self.shape;
        // A misspelled required property is reported only as a misspelling.
        let mut misspelt: Vec<&str> = Vec::new();
        for (key, value) in bag.iter() {
            let path = Path { up: Some(path), step: Step::Key(key) };
            match rules.props.binary_search_by(|(known, _)| (**known).cmp(key)) {
                Ok(place) if rules.props[place].1 == READ_ONLY => {
                    self.fail(&path, || ("cannot be set: AWS sets it".to_owned(), None));
                }
                Ok(place) => self.node(rules.props[place].1, value.into(), &path),
                Err(_) if key.starts_with(FUNCTION) && self.is_template() => {}
                Err(_) => match rules.others {
                    Others::Anything => {}
                    Others::Each(idx) => self.node(idx, value.into(), &path),
                    Others::Nothing => {
                        let settable = rules.props.iter().filter(|(_, idx)| *idx != READ_ONLY);
                        let near = nearest(key, settable.map(|(name, _)| &**name));
                        misspelt.extend(near);
                        self.fail(&path, || {
                            let help = near.map(|near| format!("did you mean `{near}`?"));
                            let below = || shape.below(rules, key).map(|name| format!("move it below `{name}`"));
                            ("no such property".to_owned(), help.or_else(below))
                        });
                    }
                },
            }
        }
        let set = Presence::of(bag);
        for name in &rules.required {
            if !self.is_set(set, name) && !misspelt.contains(&&**name) {
                let path = Path { up: Some(path), step: Step::Key(name) };
                self.fail(&path, || ("required, but not set".to_owned(), None));
            }
        }
        self.amount(set.amounts(), ("property", "properties"), (rules.least, rules.most), path);
        self.together(rules, set, path);
    }

    /// Whether a property is set. If a template condition may remove the property, the result depends on `is_strict`.
    fn is_set(&self, set: Presence<'_>, name: &str) -> bool {
        if self.is_strict { set.is_sure(name) } else { set.is_possible(name) }
    }

    /// Whether functions may appear next to properties.
    fn is_template(&self) -> bool {
        self.shape.dialect == Dialect::CloudFormation
    }

    /// Checks the rules about properties that require or exclude each other.
    fn together(&mut self, rules: &MapRules, set: Presence<'_>, path: &Path) {
        let n_sure = rules.one_of.iter().filter(|name| set.is_sure(name)).count();
        let n_set = rules.one_of.iter().filter(|name| self.is_set(set, name)).count();
        if !rules.one_of.is_empty() && (n_sure > 1 || n_set == 0) {
            self.fail(path, || {
                let state = if n_sure == 0 { "all are missing".to_owned() } else { format!("{n_sure} are set") };
                (format!("set exactly one of {}; {state}", listed(&rules.one_of)), None)
            });
        }
        if !rules.any_of.is_empty() && !rules.any_of.iter().any(|name| self.is_set(set, name)) {
            self.fail(path, || (format!("set at least one of {}; all are missing", listed(&rules.any_of)), None));
        }
        for (name, needed) in rules.needs.iter().filter(|(name, _)| set.is_sure(name)) {
            for missing in needed.iter().filter(|name| !set.is_possible(name)) {
                self.fail(path, || (format!("`{name}` requires `{missing}`, which is not set"), None));
            }
        }
        for (name, excluded) in rules.excludes.iter().filter(|(name, _)| set.is_sure(name)) {
            // If two properties exclude each other, only one problem is reported.
            for other in excluded.iter().filter(|other| set.is_sure(other)) {
                let mutual = rules.excludes.iter().any(|(from, to)| from == other && to.contains(name));
                if !mutual || name < other {
                    self.fail(path, || (format!("`{name}` and `{other}` cannot both be set"), None));
                }
            }
        }
    }

    fn list(&mut self, rules: &ListRules, items: &[Data], path: &Path) {
        if let Some(item) = rules.item {
            for (idx, data) in items.iter().enumerate() {
                self.node(item, data.into(), &Path { up: Some(path), step: Step::Item(idx) });
            }
        }
        self.amount(presence::amounts(items.iter()), ("item", "items"), (rules.least, rules.most), path);
        if rules.unique && items.len() <= MOST_COMPARED {
            for (idx, item) in items.iter().enumerate().skip(1) {
                let is_there = presence::left_out(item) != LeftOut::Always;
                if let Some(first) = items[..idx].iter().position(|earlier| is_there && earlier == item) {
                    let path = Path { up: Some(path), step: Step::Item(idx) };
                    self.fail(&path, || (format!("duplicates item {first}; items must be unique"), None));
                }
            }
        }
    }

    /// Checks the number of items. If template conditions may remove items, the actual number is between `fewest` and
    /// `greatest`.
    fn amount(
        &mut self,
        (fewest, greatest): (usize, usize),
        (one, many): (&str, &str),
        (least, most): (Option<usize>, Option<usize>),
        path: &Path,
    ) {
        let unit = |got| if got == 1 { one } else { many };
        if let Some(least) = least.filter(|least| greatest < *least) {
            self.fail(path, || (format!("has {greatest} {}; the minimum is {least}", unit(greatest)), None));
        }
        if let Some(most) = most.filter(|most| fewest > *most) {
            self.fail(path, || (format!("has {fewest} {}; the maximum is {most}", unit(fewest)), None));
        }
    }

    fn scalar(&mut self, node: &Node, data: &Data, path: &Path) {
        if matches!(data, Data::Null | Data::Secret(_)) {
            return;
        }
        if let Some(rules) = &node.text {
            self.text(rules, data, path);
        }
        if let Some(rules) = &node.number {
            self.number(rules, data, path);
        }
    }

    fn text(&mut self, rules: &TextRules, data: &Data, path: &Path) {
        if !rules.values.is_empty() && !rules.has(data) {
            self.fail(path, || {
                let got = data.to_text();
                let near = nearest(&got, rules.values.iter().map(|value| &**value));
                let message = match rules.values.len() <= MOST_LISTED {
                    true => format!("is `{got}`; the allowed values are {}", listed(&rules.values)),
                    false => format!("is `{got}`, which is not one of the {} allowed values", rules.values.len()),
                };
                (message, near.map(|near| format!("did you mean `{near}`?")))
            });
        }
        if let Data::Text(text) = data
            && (rules.shortest.is_some() || rules.longest.is_some())
        {
            let n_chars = text.chars().count();
            self.amount((n_chars, n_chars), ("character", "characters"), (rules.shortest, rules.longest), path);
        }
    }

    fn number(&mut self, rules: &NumberRules, data: &Data, path: &Path) {
        let number = match data {
            #[allow(clippy::cast_precision_loss)]
            Data::Int(value) => *value as f64,
            Data::Float(value) => *value,
            Data::Text(text) => match text.parse() {
                Ok(value) => value,
                Err(_) => return,
            },
            _ => return,
        };
        let limits = [
            (rules.least.filter(|least| number < *least), "at least"),
            (rules.most.filter(|most| number > *most), "at most"),
            (rules.above.filter(|above| number <= *above), "more than"),
            (rules.below.filter(|below| number >= *below), "less than"),
        ];
        for (limit, word) in limits {
            if let Some(limit) = limit {
                self.fail(path, || (format!("is {number}; it must be {word} {limit}"), None));
            }
        }
    }

    fn logic(&mut self, logic: &Logic, given: Given, path: &Path) {
        logic.all_of.iter().for_each(|idx| self.node(*idx, given, path));
        self.choice(&logic.any_of, false, given, path);
        self.choice(&logic.one_of, true, given, path);
        // The value of a secret is unknown, so a negative rule cannot fail.
        let is_secret = matches!(given, Given::Other(Data::Secret(_)));
        if let Some(not) = logic.not
            && !is_secret
            && self.passes(not, given, true)
        {
            let names = self.presence(not);
            self.fail(path, || match names.as_slice() {
                [] => ("has a value that is not allowed".to_owned(), None),
                names => (format!("{} cannot be set here", list_of(names)), None),
            });
        }
    }

    /// Checks that one branch passes. If every branch only requires properties and `only_one` is set, exactly one may
    /// pass.
    fn choice(&mut self, branches: &[Idx], only_one: bool, given: Given, path: &Path) {
        if branches.is_empty() {
            return;
        }
        if !branches.iter().any(|idx| self.passes(*idx, given, self.is_strict)) {
            return self.none_passes(branches, given, path);
        }
        // If a branch passes only for some values of template conditions, another branch may also pass.
        let passed: Vec<Idx> =
            branches.iter().copied().filter(|idx| only_one && self.passes(*idx, given, true)).collect();
        if passed.len() > 1 {
            let asked: Vec<Vec<&str>> = passed.into_iter().map(|idx| self.presence(idx)).collect();
            if asked.iter().all(|names| !names.is_empty()) {
                self.fail(path, || (format!("set only one of {}", list_of(&asked.concat())), None));
            }
        }
    }

    /// Reports the problems of the branch with the fewest problems.
    fn none_passes(&mut self, branches: &[Idx], given: Given, path: &Path) {
        if self.quiet {
            self.failed = true;
            return;
        }
        let asked: Vec<Vec<&str>> = branches.iter().map(|idx| self.presence(*idx)).collect();
        if asked.iter().all(|names| !names.is_empty()) {
            let asked: Vec<String> = asked.iter().map(|names| list_of(names).replace(", ", " and ")).collect();
            return self.fail(path, || (format!("set {}; all of them are missing", asked.join(" or ")), None));
        }
        let tried = branches.iter().map(|idx| {
            let mut check = Check::new(self.shape, self.is_list);
            check.node(*idx, given, path);
            check.problems
        });
        if let Some(nearest) = tried.min_by_key(Vec::len) {
            self.problems.extend(nearest);
        }
    }

    fn passes(&self, idx: Idx, given: Given, is_strict: bool) -> bool {
        let mut check = Check { quiet: true, is_strict, ..Check::new(self.shape, self.is_list) };
        check.node(idx, given, &Path::ROOT);
        !check.failed
    }

    /// Returns the property names that a node requires, or an empty list if the node also has rules of other kinds.
    fn presence(&self, idx: Idx) -> Vec<&'a str> {
        let node = self.at(idx);
        match (&node.map, &node.logic) {
            (Some(rules), None) if rules.props.is_empty() => rules.required.iter().map(|name| &**name).collect(),
            (None, Some(logic)) => logic.any_of.iter().flat_map(|idx| self.presence(*idx)).collect(),
            _ => Vec::new(),
        }
    }

    fn fail(&mut self, path: &Path, say: impl FnOnce() -> (String, Option<String>)) {
        self.failed = true;
        if !self.quiet {
            let (message, help) = say();
            let mut text = String::new();
            path.write(&mut text);
            self.problems.push(Problem { path: text, message, help });
        }
    }
}

impl TextRules {
    fn has(&self, data: &Data) -> bool {
        let is = |text: &str| match self.ignore_case {
            true => self.values.iter().any(|value| value.eq_ignore_ascii_case(text)),
            false => self.values.iter().any(|value| **value == *text),
        };
        match data {
            Data::Text(text) => is(text),
            other => is(&other.to_text()),
        }
    }
}

/// Whether CloudFormation would convert the text to one of the types.
fn reads_as(types: Types, text: &str) -> bool {
    types.allow(Types::INT) && text.parse::<i64>().is_ok()
        || types.allow(Types::NUMBER) && text.parse::<f64>().is_ok()
        || types.allow(Types::BOOL) && matches!(text, "true" | "false")
}
