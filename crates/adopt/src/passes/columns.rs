//! Differences between the instances of a group, which become function parameters.

use super::naming;
use crate::names::{self, Given};
use crate::tree::{Expr, Literal, Method, Statement};

/// The maximum number of function parameters, which is the limit of clippy.
pub const MOST_PARAMS: usize = 7;

/// The maximum length of a literal that is composed with `format!`.
const MOST_OF_FORMAT: usize = 60;

/// The differences between the instances of a group.
pub struct Columns {
    /// The distinguishing word of each instance, if there is one.
    pub stems: Option<Vec<String>>,
    /// Other differing literals, by parameter name.
    pub literals: Vec<(String, Vec<Literal>)>,
    /// The variables that are defined outside of the group, for each instance.
    pub variables: Vec<Vec<String>>,
    /// The replacement of each literal.
    pub uses: Vec<LiteralUse>,
}

/// The replacement of a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiteralUse {
    /// No replacement, because all instances have the same literal.
    Same,
    /// A parameter, by index.
    Param(usize),
    /// The texts between the occurrences of the stem, and whether the result is borrowed.
    Stem(Vec<String>, bool),
}

/// The requirement of the code that receives a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// An ID, which is a reference to a text.
    Id,
    /// A property value, which can be any text.
    Value,
    /// A literal only.
    Literal,
    /// A construct argument of another type, such as a port.
    Own,
}

impl Columns {
    /// Returns the differences between instances, or `None` if their shapes differ.
    pub fn of(instances: &[Vec<&Statement>]) -> Option<Self> {
        let literals: Vec<Vec<&Literal>> =
            instances.iter().map(|it| it.iter().flat_map(|it| super::tables::literals(it)).collect()).collect();
        let n_places = literals[0].len();
        if literals.iter().any(|it| it.len() != n_places) {
            return None;
        }
        let names: Vec<String> = instances[0].iter().flat_map(|it| naming::names(it)).collect();
        let mut taken = Vec::new();
        for statement in &instances[0] {
            for line in &statement.lines {
                line.roots().into_iter().for_each(|root| ways(root, Taken::Value, &mut taken));
            }
        }
        let column = |at: usize| literals.iter().map(|it| it[at].clone()).collect::<Vec<Literal>>();
        let differs = |at: usize| literals.iter().any(|it| it[at] != literals[0][at]);
        let stems =
            (0..n_places).filter(|at| differs(*at) && taken[*at] == Taken::Id).find_map(|at| stems(&column(at)));
        let mut columns =
            Self { stems: None, literals: Vec::new(), variables: variables(instances)?, uses: Vec::new() };
        let (mut given, mut n_stems) = (Given::of(["name".to_owned()].into()), 0);
        for at in 0..n_places {
            if !differs(at) {
                columns.uses.push(LiteralUse::Same);
                continue;
            }
            let column = column(at);
            // The type of a number in this argument is unknown.
            if taken[at] == Taken::Own && !matches!(column[0], Literal::Text(_)) {
                return None;
            }
            let is_literal = [Taken::Literal, Taken::Own].contains(&taken[at]);
            let of_stems = stems.as_ref().filter(|_| !is_literal).and_then(|it| between(it, &column));
            if let Some(pieces) = of_stems {
                n_stems += 1;
                columns.uses.push(LiteralUse::Stem(pieces, taken[at] == Taken::Id));
                continue;
            }
            let known = columns.literals.iter().position(|(_, known)| *known == column);
            columns.uses.push(LiteralUse::Param(known.unwrap_or(columns.literals.len())));
            if known.is_none() {
                columns.literals.push((given.take(&names[at], "_"), column));
            }
        }
        if n_stems > 0 {
            columns.stems = stems;
        }
        Some(columns)
    }

    /// Returns the number of function parameters, without the stack.
    pub fn n_params(&self) -> usize {
        usize::from(self.stems.is_some()) + self.literals.len() + self.variables.len()
    }
}

/// Returns the variables that instances do not define themselves: one row for each variable that differs or that all
/// share.
fn variables(instances: &[Vec<&Statement>]) -> Option<Vec<Vec<String>>> {
    let places: Vec<(Vec<String>, Vec<&str>)> = instances
        .iter()
        .map(|statements| {
            let own: Vec<&str> = statements.iter().flat_map(|it| it.defines()).collect();
            let mut named: Vec<String> = Vec::new();
            statements.iter().for_each(|it| {
                it.visit(&mut |it| {
                    if let Expr::Variable(name) = it {
                        named.push(name.clone());
                    }
                });
            });
            (named, own)
        })
        .collect();
    let (first, own) = &places[0];
    let mut found: Vec<Vec<String>> = Vec::new();
    for (at, name) in first.iter().enumerate() {
        let row: Option<Vec<String>> = places.iter().map(|(named, _)| named.get(at).cloned()).collect();
        let row = row?;
        let inner = own.iter().position(|it| it == name);
        // A variable of one instance must be at the same position in the other instances.
        let is_alike = places.iter().zip(&row).all(|((_, own), name)| own.iter().position(|it| it == name) == inner);
        if !is_alike {
            return None;
        }
        if inner.is_none() && !found.contains(&row) {
            found.push(row);
        }
    }
    Some(found)
}

/// Returns the differing words of IDs: `orders` and `mails` for `orders-queue` and `mails-queue`.
fn stems(column: &[Literal]) -> Option<Vec<String>> {
    let words: Option<Vec<Vec<&str>>> = column
        .iter()
        .map(|it| match it {
            Literal::Text(text) => Some(text.split('-').collect()),
            _ => None,
        })
        .collect();
    let words = words?;
    let shortest = words.iter().map(Vec::len).min()?;
    let is_same = |at: &dyn Fn(&Vec<&str>) -> usize| words.iter().all(|it| it[at(it)] == words[0][at(&words[0])]);
    let before = (0..shortest.saturating_sub(1)).take_while(|at| is_same(&|_| *at)).count();
    let after = (1..shortest.saturating_sub(before)).take_while(|at| is_same(&|it| it.len() - at)).count();
    let stems: Vec<String> = words.iter().map(|it| it[before..it.len() - after].join("-")).collect();
    let is_text = |it: &String| it.chars().any(|c| c.is_ascii_alphabetic());
    stems.iter().all(is_text).then_some(stems)
}

/// Returns the texts between the occurrences of the stem, if the column consists only of these.
fn between(stems: &[String], column: &[Literal]) -> Option<Vec<String>> {
    let texts: Option<Vec<&str>> = column
        .iter()
        .map(|it| match it {
            Literal::Text(text) if text.len() <= MOST_OF_FORMAT && !text.contains('\n') => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let texts = texts?;
    let is_all = |pieces: &[&str]| texts.iter().zip(stems).all(|(text, stem)| **text == pieces.join(stem));
    let stem = stems[0].as_str();
    // First replace all occurrences of the stem. A short stem can also be a part of other words, so then replace only
    // one occurrence.
    let whole: Vec<&str> = texts[0].split(stem).collect();
    let one = texts[0].match_indices(stem).map(|(at, _)| vec![&texts[0][..at], &texts[0][at + stem.len()..]]);
    let mut ways = std::iter::once(whole).filter(|it| it.len() > 1).chain(one);
    ways.find(|it| is_all(it)).map(|it| it.into_iter().map(str::to_owned).collect())
}

/// Collects the requirement for each literal of an expression, in visit order.
fn ways(expr: &Expr, way: Taken, found: &mut Vec<Taken>) {
    match expr {
        Expr::Literal(_) => found.push(way),
        Expr::Method(method) => {
            ways(&method.of, Taken::Value, found);
            for (idx, argument) in method.arguments.iter().enumerate() {
                ways(argument, of_method(method, idx), found);
            }
        }
        Expr::Call(path, arguments) => {
            for (idx, argument) in arguments.iter().enumerate() {
                let way = match (path.last(), idx) {
                    ("bare" | "define", 1) => Taken::Id,
                    ("bare", _) => Taken::Own,
                    ("new", _) if path.text.starts_with("cfn::") => Taken::Value,
                    ("allow_statement" | "deny_statement" | "trust", _) => Taken::Value,
                    _ => Taken::Literal,
                };
                ways(argument, way, found);
            }
        }
        Expr::Macro("map", pairs) => {
            for pair in pairs {
                match pair {
                    Expr::Tuple(items) if items.len() == 2 => {
                        ways(&items[0], Taken::Literal, found);
                        ways(&items[1], Taken::Value, found);
                    }
                    other => ways(other, Taken::Literal, found),
                }
            }
        }
        // All items of a list have one type, and so do the pairs of an array.
        Expr::Macro("list", items) => items.iter().for_each(|it| ways(it, Taken::Value, found)),
        Expr::Array(_) | Expr::Tuple(_) | Expr::Macro(..) => {
            expr.children().into_iter().for_each(|it| ways(it, in_list(it), found));
        }
        other => other.children().into_iter().for_each(|it| ways(it, way, found)),
    }
}

/// Returns the requirement for an array item: a literal must remain one, and other expressions are values.
fn in_list(item: &Expr) -> Taken {
    if matches!(item, Expr::Literal(_)) { Taken::Literal } else { Taken::Value }
}

fn of_method(method: &Method, idx: usize) -> Taken {
    match (method.name.as_str(), idx) {
        ("define", 1) => Taken::Id,
        (name, 0) if name.starts_with("add_") => Taken::Id,
        (_, 0) if method.arguments.len() == 1 => Taken::Value,
        _ => Taken::Literal,
    }
}

/// Returns the name of a function: the main variable without the stem, or the created type.
pub fn name(statements: &[&Statement], columns: &Columns, about: Option<&str>) -> String {
    let stem = columns.stems.as_ref().map(|stems| names::snake(&stems[0])).unwrap_or_default();
    let less = |it: &str| match stem.is_empty() {
        true => it.to_owned(),
        false => it.replacen(&stem, "", 1).replace("__", "_"),
    };
    let ids = columns.uses.iter().filter_map(|literal| match literal {
        LiteralUse::Stem(pieces, true) => Some(names::snake(&pieces.join("-"))),
        _ => None,
    });
    let name = |it: String| it.trim_matches(|c: char| c == '_' || c.is_ascii_digit()).to_owned();
    let of_words = about.map(less).into_iter().chain(ids).map(name).find(|it| it.len() > 1 && it != "it");
    of_words
        .unwrap_or_else(|| statements.first().and_then(|it| first_type(it)).unwrap_or_else(|| "instance".to_owned()))
}

/// Returns the type whose `bare` or `new` a statement calls first.
fn first_type(statement: &Statement) -> Option<String> {
    let mut found = None;
    statement.visit(&mut |it| {
        if let Expr::Call(path, _) = it
            && matches!(path.last(), "bare" | "new")
            && found.is_none()
        {
            found = Some(names::snake(path.owner()));
        }
    });
    found
}

/// Returns the common words of variables, as a parameter name.
pub fn common(names: &[String]) -> Option<String> {
    let words: Vec<Vec<&str>> = names.iter().map(|it| it.split('_').collect()).collect();
    let shortest = words.iter().map(Vec::len).min()?;
    let after =
        (1..shortest).take_while(|at| words.iter().all(|it| it[it.len() - at] == words[0][words[0].len() - at]));
    let after = after.count();
    let name = words[0][words[0].len() - after..].join("_");
    name.starts_with(|c: char| c.is_ascii_lowercase()).then_some(name)
}
