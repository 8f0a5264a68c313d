//! Conversion of a statement group to a function and its calls.

use std::collections::BTreeSet;

use super::columns::{self, Columns, MOST_PARAMS, Place};
use super::{settle, tables, unused};
use crate::names::Given;
use crate::tree::{Expr, Function, Line, Literal, Loop, Param, Path, Statement, Type};

/// The maximum number of returned values. Above it, separate statements are easier to read.
const MOST_RETURNS: usize = 3;

/// The context of a function.
pub struct Context<'a> {
    /// The parameter for the stack or the cluster.
    pub scope: Param,
    /// The types of variables.
    pub types: &'a dyn Fn(&str) -> Option<Type>,
    /// The variables that other statements use.
    pub used: &'a BTreeSet<String>,
    /// The names in the module.
    pub names: &'a mut Given,
}

/// Returns the function and a call for each instance, or `None` if separate statements are easier to read.
pub fn written(instances: &[Vec<&Statement>], context: &mut Context<'_>) -> Option<(Function, Vec<Statement>)> {
    let columns = Columns::of(instances)?;
    let first = &instances[0];
    let own: Vec<Vec<&str>> =
        instances.iter().map(|it| it.iter().flat_map(|it| it.defines()).collect::<Vec<_>>()).collect();
    let is_used = |at: usize| own.iter().any(|it| context.used.contains(it[at]));
    let returned: Vec<usize> = (0..own[0].len()).filter(|at| is_used(*at)).collect();
    if returned.len() > MOST_RETURNS {
        return None;
    }
    let mut types = Vec::new();
    for row in &columns.variables {
        let of_row: Option<Vec<Type>> = row.iter().map(|it| (context.types)(it)).collect();
        let of_row = of_row?;
        if of_row.iter().any(|it| *it != of_row[0]) {
            return None;
        }
        types.push(of_row[0].clone());
    }
    let returns: Option<Vec<(usize, Type)>> =
        returned.iter().map(|at| Some((*at, (context.types)(own[0][*at])?))).collect();
    let returns = returns?;

    // The names within the function. A name that is the same in all instances is kept.
    let mut given = Given::of([context.scope.name.clone()].into());
    let stem = columns.stems.as_ref().map(|_| given.take("name", "_"));
    let literals: Vec<String> = columns.literals.iter().map(|(name, _)| given.take(name, "_")).collect();
    let short = |name: &str| -> String {
        let Some(stems) = &columns.stems else { return name.to_owned() };
        let less = name.replacen(&crate::names::snake(&stems[0]), "", 1).replace("__", "_");
        let less = less.trim_matches('_');
        if less.is_empty() || less.starts_with(|c: char| c.is_ascii_digit()) {
            name.to_owned()
        } else {
            less.to_owned()
        }
    };
    let mut renamed: Vec<(String, String)> = Vec::new();
    for row in &columns.variables {
        let is_same = row.iter().all(|it| *it == row[0]);
        let name = if is_same { row[0].clone() } else { columns::common(row).unwrap_or_else(|| short(&row[0])) };
        renamed.push((row[0].clone(), given.take(&name, "_")));
    }
    let n_params = renamed.len();
    for name in &own[0] {
        renamed.push(((*name).to_owned(), given.take(&short(name), "_")));
    }
    let about = returned.first().map(|at| own[0][*at]).or_else(|| about(first));
    let name = context.names.take(&columns::name(first, &columns, about), "_");

    let mut at = 0;
    let mut statements: Vec<Statement> = first.iter().map(|it| (*it).clone()).collect();
    let mut changed: BTreeSet<String> = BTreeSet::new();
    for statement in &mut statements {
        for line in &mut statement.lines {
            if let Line::Let { name, .. } = line {
                *name = new_name(name, &renamed);
            }
        }
        // Source variables are renamed first. Literals then become parameters, which have separate names.
        statement.change(&mut |it| match it {
            Expr::Variable(name) => *name = new_name(name, &renamed),
            Expr::Method(method) if unused::changes(method) => {
                if let Expr::Variable(name) = &method.of {
                    changed.insert(new_name(name, &renamed));
                }
            }
            _ => {}
        });
        without_borrows(statement, &|name| renamed[..n_params].iter().any(|(_, param)| param == name));
        statement.replace(&mut |_| {
            at += 1;
            in_place(&columns.places[at - 1], stem.as_deref(), &literals)
        });
    }

    let has_scope = statements.iter().any(names_scope);
    settle::settle(&mut statements, &Expr::variable(&context.scope.name), &|_| true);
    let mut params = Vec::new();
    params.extend(has_scope.then(|| context.scope.clone()));
    params.extend(stem.iter().map(|it| Param { name: it.clone(), is: Type::Plain("&'static str") }));
    for (name, (_, column)) in literals.iter().zip(&columns.literals) {
        let is = match &column[0] {
            Literal::Text(_) | Literal::File(_) => "&'static str",
            other => other.type_name(),
        };
        params.push(Param { name: name.clone(), is: Type::Plain(is) });
    }
    for ((_, name), is) in renamed.iter().zip(types) {
        let is = match is {
            Type::Reference(path) if changed.contains(name) => Type::Mutable(path),
            other => other,
        };
        params.push(Param { name: name.clone(), is });
    }
    // Variables from outside of the group also count as parameters, so the limit is checked again.
    if params.len() > MOST_PARAMS {
        return None;
    }
    let call = |literals: Vec<Expr>, idx: usize| {
        let mut arguments = Vec::new();
        arguments.extend(has_scope.then_some(Expr::Scope));
        arguments.extend(literals);
        for (row, param) in columns.variables.iter().zip(&params[params.len() - n_params..]) {
            let variable = Box::new(Expr::variable(&row[idx]));
            arguments.push(match param.is {
                Type::Mutable(_) => Expr::BorrowedMut(variable),
                _ => Expr::Borrowed(variable),
            });
        }
        Expr::call(name.as_str(), arguments)
    };
    let rows: Vec<Vec<Expr>> = (0..instances.len())
        .map(|idx| {
            let stem = columns.stems.iter().map(|it| Expr::text(&it[idx]));
            stem.chain(columns.literals.iter().map(|(_, it)| Expr::Literal(it[idx].clone()))).collect()
        })
        .collect();
    let is_same = columns.variables.iter().all(|row| row.iter().all(|it| *it == row[0]));
    let names: Vec<String> = stem.iter().chain(&literals).cloned().collect();
    // A loop variable must not hide a variable of the same name.
    let hides = columns.variables.iter().any(|row| names.contains(&row[0]));
    let calls = if returned.is_empty() && is_same && !hides && tables::is_table(&rows) {
        let body = vec![Line::Do(call(names.iter().map(Expr::variable).collect(), 0))];
        vec![Statement { lines: vec![Line::For(Loop { names, rows, body })], is_apart: true, ..Statement::default() }]
    } else {
        let one = |(idx, row): (usize, Vec<Expr>)| {
            let value = call(row, idx);
            let own = returned.iter().map(|at| own[idx][*at].to_owned());
            let names: Vec<Option<String>> = own.map(|it| Some(it).filter(|it| context.used.contains(it))).collect();
            let line = if names.iter().all(Option::is_none) { Line::Do(value) } else { Line::Bind { names, value } };
            Statement { lines: vec![line], ..Statement::default() }
        };
        rows.into_iter().enumerate().map(one).collect()
    };
    let returns: Vec<(String, Path)> = returns
        .into_iter()
        .filter_map(|(at, is)| Some((renamed[n_params + at].1.clone(), is.path()?.clone())))
        .collect();
    say_last(&mut statements, &returns);
    let doc = doc(&columns, &literals);
    Some((Function { doc, visible: "", name, params, statements, returns }, calls))
}

/// Returns the value of the last line directly if it defines the only returned variable.
pub fn say_last(statements: &mut [Statement], returns: &[(String, Path)]) {
    if let [(one, _)] = returns
        && let Some(last) = statements.last_mut().and_then(|it| it.lines.last_mut())
        && let Line::Let { name, value, .. } = last
        && name == one
    {
        *last = Line::Result(value.clone());
    }
}

fn names_scope(statement: &Statement) -> bool {
    let mut found = false;
    statement.visit(&mut |it| found |= *it == Expr::Scope);
    found
}

fn new_name(name: &str, renamed: &[(String, String)]) -> String {
    renamed.iter().find(|(old, _)| old == name).map_or_else(|| name.to_owned(), |(_, new)| new.clone())
}

/// Returns the replacement of a literal, or `None` if it remains.
fn in_place(place: &Place, stem: Option<&str>, literals: &[String]) -> Option<Expr> {
    match place {
        Place::Same => None,
        Place::Param(idx) => Some(Expr::variable(&literals[*idx])),
        Place::Stem(pieces, _) if pieces.len() == 2 && pieces.iter().all(String::is_empty) => {
            Some(Expr::variable(stem?))
        }
        Place::Stem(pieces, is_borrowed) => {
            let escaped: Vec<String> = pieces.iter().map(|it| it.replace('{', "{{").replace('}', "}}")).collect();
            let format = Expr::Macro("format", vec![Expr::text(escaped.join(&format!("{{{}}}", stem?)))]);
            Some(if *is_borrowed { format.borrowed() } else { format })
        }
    }
}

/// Returns the variable that most of the other statements use.
fn about<'a>(statements: &[&'a Statement]) -> Option<&'a str> {
    let n_users = |name: &str| statements.iter().filter(|it| it.variables().contains(name)).count();
    let own = statements.iter().flat_map(|it| it.defines());
    // The first of several equally used variables wins.
    own.enumerate().max_by_key(|(idx, name)| (n_users(name), std::cmp::Reverse(*idx))).map(|(_, name)| name)
}

/// Removes borrows of parameters, which are already references.
pub fn without_borrows(statement: &mut Statement, is_param: &dyn Fn(&str) -> bool) {
    statement.change(&mut |it| {
        if let Expr::Borrowed(inner) = it
            && let Expr::Variable(name) = inner.as_ref()
            && is_param(name)
        {
            *it = Expr::variable(name);
        }
    });
}

/// Returns the documentation of a function.
fn doc(columns: &Columns, literals: &[String]) -> String {
    let ids = columns.places.iter().filter_map(|place| match place {
        Place::Stem(pieces, true) => Some(format!("`{}`", pieces.join("NAME"))),
        _ => None,
    });
    let mut ids: Vec<String> = ids.collect();
    ids.dedup();
    let more = literals.iter().any(|it| it == "id");
    match ids.as_slice() {
        [] if more => "Defines the resources for an id.".to_owned(),
        [] => "Defines the repeated resources.".to_owned(),
        [one] => format!("Defines {one}."),
        [first @ .., last] => format!("Defines {} and {last}.", first.join(", ")),
    }
}
