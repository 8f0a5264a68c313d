//! Statements.

use std::collections::BTreeSet;

use super::{Expr, Literal};

/// A statement of a function, with the comments above it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Statement {
    /// The comments above it.
    pub comments: Vec<String>,
    /// Its lines: what defines a variable, and what is said of that.
    pub lines: Vec<Line>,
    /// Whether a line is left blank before it.
    pub is_apart: bool,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// `let name = value;`
    Let {
        /// The variable.
        name: String,
        /// Whether others may change it.
        is_mut: bool,
        /// Its value.
        value: Expr,
    },
    /// `let (one, _) = value;`, of what a function returns.
    Bind {
        /// The variables; none where nothing names what is returned.
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
    /// What is done for each.
    pub body: Vec<Line>,
}

impl Line {
    /// The expressions of it.
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
    /// A statement of one expression.
    pub fn of(value: Expr) -> Self {
        Self { lines: vec![Line::Do(value)], ..Self::default() }
    }

    /// A statement that defines a variable.
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

    /// Puts others in the place of literals, in the order in which they are visited.
    pub fn replace(&mut self, other: &mut dyn FnMut(&Literal) -> Option<Expr>) {
        self.lines.iter_mut().flat_map(Line::roots_mut).for_each(|root| root.replace(other));
    }

    /// The variables that it names.
    pub fn variables(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        self.visit(&mut |it| {
            if let Expr::Variable(name) = it {
                found.insert(name.as_str());
            }
        });
        found
    }

    /// The variables that it defines.
    pub fn defines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().flat_map(|line| match line {
            Line::Let { name, .. } => vec![name.as_str()],
            Line::Bind { names, .. } => names.iter().flatten().map(String::as_str).collect(),
            _ => Vec::new(),
        })
    }
}
