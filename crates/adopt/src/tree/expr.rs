//! Expressions.

use super::{Literal, Path};

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// A literal.
    Literal(Literal),
    /// A constant or a variant, such as `aws::vpc::Tier::Public`.
    Path(Path),
    /// The stack or the cluster, depending on the function: `stack` or `&stack`.
    Scope,
    /// A variable.
    Variable(String),
    /// A field of a variable.
    Field(&'static str, String),
    /// An expression with `&`.
    Borrowed(Box<Expr>),
    /// An expression with `&mut`.
    BorrowedMut(Box<Expr>),
    /// A function call.
    Call(Path, Vec<Expr>),
    /// A method call.
    Method(Box<Method>),
    /// `[a, b]`.
    Array(Vec<Expr>),
    /// `(a, b)`.
    Tuple(Vec<Expr>),
    /// `map![(a, b)]`, `list![a, b]`, `text![a, b]`.
    Macro(&'static str, Vec<Expr>),
    /// An expression that depends on the part of the stack.
    Either(Box<Either>),
}

/// A method call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Method {
    /// The receiver.
    pub of: Expr,
    /// Its name.
    pub name: String,
    /// The generic argument.
    pub generic: Option<&'static str>,
    /// The arguments.
    pub arguments: Vec<Expr>,
}

/// Two alternatives: one for the part that defines a variable, and one for other parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Either {
    /// The variable.
    pub variable: String,
    /// The expression if the part defines the variable.
    pub here: Expr,
    /// The expression for other parts.
    pub elsewhere: Expr,
}

impl Expr {
    /// Creates a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Literal(Literal::Text(text.into()))
    }

    /// Creates a variable.
    pub fn variable(name: impl Into<String>) -> Self {
        Self::Variable(name.into())
    }

    /// Creates a function call.
    pub fn call(path: impl Into<Path>, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Self::Call(path.into(), arguments.into_iter().collect())
    }

    /// Creates a call of a function in `intrinsic`.
    pub fn intrinsic(name: &str, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Self::call(format!("intrinsic::{name}"), arguments)
    }

    /// Creates a method call on this expression.
    pub fn method(self, name: &str, arguments: impl IntoIterator<Item = Expr>) -> Self {
        let arguments = arguments.into_iter().collect();
        Self::Method(Box::new(Method { of: self, name: name.to_owned(), generic: None, arguments }))
    }

    /// Creates a method call with a generic argument.
    pub fn method_of(self, name: &str, generic: &'static str, arguments: impl IntoIterator<Item = Expr>) -> Self {
        let arguments = arguments.into_iter().collect();
        Self::Method(Box::new(Method { of: self, name: name.to_owned(), generic: Some(generic), arguments }))
    }

    /// Creates `map![(key, value), ..]`.
    pub fn map(pairs: impl IntoIterator<Item = (Expr, Expr)>) -> Self {
        Self::Macro("map", pairs.into_iter().map(|(key, value)| Self::Tuple(vec![key, value])).collect())
    }

    /// Creates `list![a, b]`.
    pub fn list(items: impl IntoIterator<Item = Expr>) -> Self {
        Self::Macro("list", items.into_iter().collect())
    }

    /// Creates `&` with this expression.
    pub fn borrowed(self) -> Self {
        Self::Borrowed(Box::new(self))
    }

    /// Creates alternatives: `here` for the part that defines the variable, `elsewhere` for other parts.
    pub fn either(variable: &str, here: Expr, elsewhere: Expr) -> Self {
        Self::Either(Box::new(Either { variable: variable.to_owned(), here, elsewhere }))
    }

    /// Returns the direct subexpressions.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Self::Literal(_) | Self::Path(_) | Self::Scope | Self::Variable(_) | Self::Field(..) => Vec::new(),
            Self::Borrowed(inner) | Self::BorrowedMut(inner) => vec![inner],
            Self::Call(_, items) | Self::Array(items) | Self::Tuple(items) | Self::Macro(_, items) => {
                items.iter().collect()
            }
            Self::Method(method) => std::iter::once(&method.of).chain(&method.arguments).collect(),
            Self::Either(either) => vec![&either.here, &either.elsewhere],
        }
    }

    /// Returns the direct subexpressions for modification.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Literal(_) | Self::Path(_) | Self::Scope | Self::Variable(_) | Self::Field(..) => Vec::new(),
            Self::Borrowed(inner) | Self::BorrowedMut(inner) => vec![inner],
            Self::Call(_, items) | Self::Array(items) | Self::Tuple(items) | Self::Macro(_, items) => {
                items.iter_mut().collect()
            }
            Self::Method(method) => std::iter::once(&mut method.of).chain(&mut method.arguments).collect(),
            Self::Either(either) => vec![&mut either.here, &mut either.elsewhere],
        }
    }

    /// Visits the expression and all subexpressions, in text order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        self.children().into_iter().for_each(|child| child.visit(see));
    }

    /// Changes the expression and then all subexpressions, in text order.
    pub fn change(&mut self, change: &mut dyn FnMut(&mut Expr)) {
        change(self);
        self.children_mut().into_iter().for_each(|child| child.change(change));
    }

    /// Replaces literals by expressions, in visit order.
    pub fn replace(&mut self, other: &mut dyn FnMut(&Literal) -> Option<Expr>) {
        match self {
            Self::Literal(literal) => {
                if let Some(other) = other(literal) {
                    *self = other;
                }
            }
            _ => self.children_mut().into_iter().for_each(|child| child.replace(other)),
        }
    }

    /// Whether it uses a variable.
    pub fn names(&self, variable: &str) -> bool {
        let mut found = false;
        self.visit(&mut |it| found |= matches!(it, Self::Variable(name) if name == variable));
        found
    }
}
