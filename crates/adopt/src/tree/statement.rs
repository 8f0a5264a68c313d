//! Statements.

use std::collections::BTreeSet;

use super::{Expr, Literal};

/// A statement of a function, with the comments above it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Statement {
    /// The comments above it.
    pub comments: Vec<String>,
    /// Its lines: the definition of a variable, and further calls on it.
    pub lines: Vec<Line>,
    /// Whether a blank line precedes it.
    pub is_apart: bool,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// `let name = value;`
    Let {
        /// The variable.
        name: String,
        /// Whether later statements may change it.
        is_mut: bool,
        /// Its value.
        value: Expr,
    },
    /// `let (one, _) = value;`, for the values of a function.
    Bind {
        /// The variables, each `None` if it is unused.
        names: Vec<Option<String>>,
        /// The call.
        value: Expr,
    },
    /// `value;`
    Do(Expr),
    /// `value`, which the function returns.
    Result(Expr),
    /// A loop over a table.
    For(Loop),
}

/// A loop over a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loop {
    /// The variables of a row.
    pub names: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Expr>>,
    /// The lines for each row.
    pub body: Vec<Line>,
}

impl Line {
    /// Returns its expressions.
    pub fn roots(&self) -> Vec<&Expr> {
        match self {
            Self::Let { value, .. } | Self::Bind { value, .. } | Self::Do(value) | Self::Result(value) => vec![value],
            Self::For(table) => table.rows.iter().flatten().chain(table.body.iter().flat_map(Line::roots)).collect(),
        }
    }

    fn roots_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Let { value, .. } | Self::Bind { value, .. } | Self::Do(value) | Self::Result(value) => vec![value],
            Self::For(table) => {
                table.rows.iter_mut().flatten().chain(table.body.iter_mut().flat_map(Line::roots_mut)).collect()
            }
        }
    }
}

impl Statement {
    /// Creates a statement of one expression.
    pub fn of(value: Expr) -> Self {
        Self { lines: vec![Line::Do(value)], ..Self::default() }
    }

    /// Creates a statement that defines a variable.
    pub fn define(name: &str, value: Expr) -> Self {
        let line = Line::Let { name: name.to_owned(), is_mut: false, value };
        Self { lines: vec![line], ..Self::default() }
    }

    /// Visits all expressions.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        self.lines.iter().flat_map(Line::roots).for_each(|root| root.visit(see));
    }

    /// Changes all expressions.
    pub fn change(&mut self, change: &mut dyn FnMut(&mut Expr)) {
        self.lines.iter_mut().flat_map(Line::roots_mut).for_each(|root| root.change(change));
    }

    /// Replaces literals by expressions, in visit order.
    pub fn replace(&mut self, other: &mut dyn FnMut(&Literal) -> Option<Expr>) {
        self.lines.iter_mut().flat_map(Line::roots_mut).for_each(|root| root.replace(other));
    }

    /// Returns the variables that it uses.
    pub fn variables(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        self.visit(&mut |it| match it {
            Expr::Variable(name) => drop(found.insert(name.as_str())),
            Expr::Field(variable, _) => drop(found.insert(*variable)),
            _ => {}
        });
        found
    }

    /// Returns the variables that it defines.
    pub fn defines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().flat_map(|line| match line {
            Line::Let { name, .. } => vec![name.as_str()],
            Line::Bind { names, .. } => names.iter().flatten().map(String::as_str).collect(),
            _ => Vec::new(),
        })
    }
}
