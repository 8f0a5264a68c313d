//! Conversion of a statement group to a function and its calls.

use std::collections::BTreeSet;

use super::columns::{self, Columns, LiteralUse, MOST_PARAMS};
use super::local_names::LocalNames;
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
pub fn extract(instances: &[Vec<&Statement>], context: &mut Context<'_>) -> Option<(Function, Vec<Statement>)> {
    let columns = Columns::of(instances)?;
    let defined: Vec<Vec<&str>> =
        instances.iter().map(|it| it.iter().flat_map(|it| it.defines()).collect::<Vec<_>>()).collect();
    let returned = Returned::of(&defined, context)?;
    let types = types_of_variables(&columns, context)?;
    let names = LocalNames::of(&columns, &defined[0], &context.scope.name);
    let about = returned.first_of(&defined[0]).or_else(|| about(&instances[0]));
    let name = context.names.take(&columns::name(&instances[0], &columns, about), "_");

    let mut body = Body::of(&instances[0], &columns, &names);
    let has_scope = body.statements.iter().any(names_scope);
    settle::settle(&mut body.statements, &Expr::variable(&context.scope.name), &|_| true);
    let params = params(&columns, &names, types, &body.changed, has_scope.then_some(&context.scope));
    // Variables from outside of the group also count as parameters, so the limit is checked again.
    if params.len() > MOST_PARAMS {
        return None;
    }
    let returns = returned.named(&names);
    return_last(&mut body.statements, &returns);
    let calls = Calls { function: &name, columns: &columns, names: &names, params: &params, has_scope };
    let calls = calls.statements(&defined, &returned, context);
    let doc = doc(&columns, &names.literals);
    Some((Function { doc, visible: "", name, params, statements: body.statements, returns }, calls))
}

/// The variables of a function that other statements use.
struct Returned {
    /// The index among the variables that the function defines, and the type.
    variables: Vec<(usize, Type)>,
}

impl Returned {
    /// Returns the variables, or `None` if there are too many or one has no type.
    fn of(defined: &[Vec<&str>], context: &Context<'_>) -> Option<Self> {
        let is_used = |at: usize| defined.iter().any(|it| context.used.contains(it[at]));
        let used: Vec<usize> = (0..defined[0].len()).filter(|at| is_used(*at)).collect();
        if used.len() > MOST_RETURNS {
            return None;
        }
        let typed = used.into_iter().map(|at| Some((at, (context.types)(defined[0][at])?)));
        Some(Self { variables: typed.collect::<Option<Vec<_>>>()? })
    }

    fn first_of<'n>(&self, defined: &[&'n str]) -> Option<&'n str> {
        self.variables.first().map(|(at, _)| defined[*at])
    }

    /// Returns the names within the function, with the types.
    fn named(&self, names: &LocalNames) -> Vec<(String, Path)> {
        let named = self.variables.iter();
        named.filter_map(|(at, is)| Some((names.defined(*at).to_owned(), is.path()?.clone()))).collect()
    }
}

/// Returns the type of each variable from outside of the group, or `None` if a variable has no type, or if instances
/// have different types.
fn types_of_variables(columns: &Columns, context: &Context<'_>) -> Option<Vec<Type>> {
    let type_of_row = |row: &Vec<String>| {
        let types: Vec<Type> = row.iter().map(|it| (context.types)(it)).collect::<Option<_>>()?;
        types.iter().all(|it| *it == types[0]).then(|| types[0].clone())
    };
    columns.variables.iter().map(type_of_row).collect()
}

/// The statements of a function.
struct Body {
    statements: Vec<Statement>,
    /// The variables that the statements change.
    changed: BTreeSet<String>,
}

impl Body {
    /// Writes the statements of an instance with parameters in place of its differences.
    fn of(instance: &[&Statement], columns: &Columns, names: &LocalNames) -> Self {
        let mut at = 0;
        let mut statements: Vec<Statement> = instance.iter().map(|it| (*it).clone()).collect();
        let mut changed: BTreeSet<String> = BTreeSet::new();
        for statement in &mut statements {
            for line in &mut statement.lines {
                if let Line::Let { name, .. } = line {
                    *name = names.new_name(name);
                }
            }
            // Source variables are renamed first. Literals then become parameters, which have separate names.
            statement.change(&mut |it| match it {
                Expr::Variable(name) => *name = names.new_name(name),
                Expr::Method(method) if unused::changes(method) => {
                    if let Expr::Variable(name) = &method.of {
                        changed.insert(names.new_name(name));
                    }
                }
                _ => {}
            });
            without_borrows(statement, &|name| names.outside().iter().any(|(_, param)| param == name));
            statement.replace(&mut |_| {
                at += 1;
                replacement(&columns.uses[at - 1], names.stem.as_deref(), &names.literals)
            });
        }
        Self { statements, changed }
    }
}

/// Returns the parameters: the stack or the cluster, the literals, and the variables from outside of the group.
fn params(
    columns: &Columns,
    names: &LocalNames,
    types: Vec<Type>,
    changed: &BTreeSet<String>,
    scope: Option<&Param>,
) -> Vec<Param> {
    let of_literal = |column: &Vec<Literal>| match &column[0] {
        Literal::Text(_) | Literal::File(_) => "&'static str",
        other => other.type_name(),
    };
    let stem = names.stem.iter().map(|it| Param { name: it.clone(), is: Type::Plain("&'static str") });
    let literals = names.literals.iter().zip(&columns.literals);
    let literals =
        literals.map(|(name, (_, column))| Param { name: name.clone(), is: Type::Plain(of_literal(column)) });
    let variables = names.outside().iter().zip(types).map(|((_, name), is)| {
        let is = match is {
            Type::Reference(path) if changed.contains(name) => Type::Mutable(path),
            other => other,
        };
        Param { name: name.clone(), is }
    });
    scope.cloned().into_iter().chain(stem).chain(literals).chain(variables).collect()
}

/// The calls of a function.
struct Calls<'a> {
    function: &'a str,
    columns: &'a Columns,
    names: &'a LocalNames,
    params: &'a [Param],
    has_scope: bool,
}

impl Calls<'_> {
    /// Returns one statement for each instance, or a loop.
    fn statements(&self, defined: &[Vec<&str>], returned: &Returned, context: &Context<'_>) -> Vec<Statement> {
        let rows: Vec<Vec<Expr>> = (0..defined.len())
            .map(|idx| {
                let stem = self.columns.stems.iter().map(|it| Expr::text(&it[idx]));
                stem.chain(self.columns.literals.iter().map(|(_, it)| Expr::Literal(it[idx].clone()))).collect()
            })
            .collect();
        let variables = &self.columns.variables;
        let is_same = variables.iter().all(|row| row.iter().all(|it| *it == row[0]));
        let names = self.names.of_literals();
        // A loop variable must not hide a variable of the same name.
        let hides = variables.iter().any(|row| names.contains(&row[0]));
        if returned.variables.is_empty() && is_same && !hides && tables::is_table(&rows) {
            let body = vec![Line::Do(self.call(names.iter().map(Expr::variable).collect(), 0))];
            let lines = vec![Line::For(Loop { names, rows, body })];
            return vec![Statement { lines, is_apart: true, ..Statement::default() }];
        }
        let one = |(idx, row): (usize, Vec<Expr>)| {
            let value = self.call(row, idx);
            let own = returned.variables.iter().map(|(at, _)| defined[idx][*at].to_owned());
            let names: Vec<Option<String>> = own.map(|it| Some(it).filter(|it| context.used.contains(it))).collect();
            let line = if names.iter().all(Option::is_none) { Line::Do(value) } else { Line::Bind { names, value } };
            Statement { lines: vec![line], ..Statement::default() }
        };
        rows.into_iter().enumerate().map(one).collect()
    }

    fn call(&self, literals: Vec<Expr>, idx: usize) -> Expr {
        let mut arguments = Vec::new();
        arguments.extend(self.has_scope.then_some(Expr::Scope));
        arguments.extend(literals);
        let of_variables = &self.params[self.params.len() - self.names.n_outside..];
        for (row, param) in self.columns.variables.iter().zip(of_variables) {
            let variable = Box::new(Expr::variable(&row[idx]));
            arguments.push(match param.is {
                Type::Mutable(_) => Expr::BorrowedMut(variable),
                _ => Expr::Borrowed(variable),
            });
        }
        Expr::call(self.function, arguments)
    }
}

/// Returns the value of the last line directly if it defines the only returned variable.
pub fn return_last(statements: &mut [Statement], returns: &[(String, Path)]) {
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

/// Returns the replacement of a literal, or `None` if it remains.
fn replacement(literal: &LiteralUse, stem: Option<&str>, literals: &[String]) -> Option<Expr> {
    match literal {
        LiteralUse::Same => None,
        LiteralUse::Param(idx) => Some(Expr::variable(&literals[*idx])),
        LiteralUse::Stem(pieces, _) if pieces.len() == 2 && pieces.iter().all(String::is_empty) => {
            Some(Expr::variable(stem?))
        }
        LiteralUse::Stem(pieces, is_borrowed) => {
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
    let ids = columns.uses.iter().filter_map(|literal| match literal {
        LiteralUse::Stem(pieces, true) => Some(format!("`{}`", pieces.join("NAME"))),
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
