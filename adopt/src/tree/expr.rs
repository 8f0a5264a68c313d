//! Expressions.

use super::{Literal, Path};

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// A literal.
    Literal(Literal),
    /// A constant or a variant, such as `aws::vpc::Tier::Public`.
    Path(Path),
    /// The stack or the cluster, as the function has it: `stack` or `&stack`.
    Scope,
    /// A variable.
    Variable(String),
    /// What `&` stands before.
    Borrowed(Box<Expr>),
    /// What `&mut` stands before.
    BorrowedMut(Box<Expr>),
    /// A call of a function.
    Call(Path, Vec<Expr>),
    /// A call of a method.
    Method(Box<Method>),
    /// `[a, b]`.
    Array(Vec<Expr>),
    /// `(a, b)`.
    Tuple(Vec<Expr>),
    /// `map![(a, b)]`, `list![a, b]`, `text![a, b]`.
    Macro(&'static str, Vec<Expr>),
    /// What depends on the part of a stack that it stands in.
    Either(Box<Either>),
}

/// A call of a method.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Method {
    /// What it is called on.
    pub of: Expr,
    /// Its name.
    pub name: String,
    /// The type that is asked of it.
    pub generic: Option<&'static str>,
    /// What it takes.
    pub arguments: Vec<Expr>,
}

/// An expression for the part of a stack that defines a variable, and one for the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Either {
    /// The variable.
    pub variable: String,
    /// Where it is defined.
    pub here: Expr,
    /// Elsewhere.
    pub elsewhere: Expr,
}

impl Expr {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Literal(Literal::Text(text.into()))
    }

    /// A variable.
    pub fn variable(name: impl Into<String>) -> Self {
        Self::Variable(name.into())
    }

    /// A call of a function.
    pub fn call(path: impl Into<Path>, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Self::Call(path.into(), arguments.into_iter().collect())
    }

    /// A function of `intrinsic`.
    pub fn intrinsic(name: &str, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Self::call(format!("intrinsic::{name}"), arguments)
    }

    /// A call of a method on this.
    pub fn method(self, name: &str, arguments: impl IntoIterator<Item = Expr>) -> Self {
        let arguments = arguments.into_iter().collect();
        Self::Method(Box::new(Method { of: self, name: name.to_owned(), generic: None, arguments }))
    }

    /// The same, of a type that is asked for.
    pub fn method_of(self, name: &str, generic: &'static str, arguments: impl IntoIterator<Item = Expr>) -> Self {
        let arguments = arguments.into_iter().collect();
        Self::Method(Box::new(Method { of: self, name: name.to_owned(), generic: Some(generic), arguments }))
    }

    /// `map![(key, value), ..]`.
    pub fn map(pairs: impl IntoIterator<Item = (Expr, Expr)>) -> Self {
        Self::Macro("map", pairs.into_iter().map(|(key, value)| Self::Tuple(vec![key, value])).collect())
    }

    /// `list![a, b]`.
    pub fn list(items: impl IntoIterator<Item = Expr>) -> Self {
        Self::Macro("list", items.into_iter().collect())
    }

    /// `&` before this.
    pub fn borrowed(self) -> Self {
        Self::Borrowed(Box::new(self))
    }

    /// `here` in the part of a stack that defines the variable, `elsewhere` in the others.
    pub fn either(variable: &str, here: Expr, elsewhere: Expr) -> Self {
        Self::Either(Box::new(Either { variable: variable.to_owned(), here, elsewhere }))
    }

    /// What it is made of.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Self::Literal(_) | Self::Path(_) | Self::Scope | Self::Variable(_) => Vec::new(),
            Self::Borrowed(inner) | Self::BorrowedMut(inner) => vec![inner],
            Self::Call(_, items) | Self::Array(items) | Self::Tuple(items) | Self::Macro(_, items) => {
                items.iter().collect()
            }
            Self::Method(method) => std::iter::once(&method.of).chain(&method.arguments).collect(),
            Self::Either(either) => vec![&either.here, &either.elsewhere],
        }
    }

    /// The same, to change.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Literal(_) | Self::Path(_) | Self::Scope | Self::Variable(_) => Vec::new(),
            Self::Borrowed(inner) | Self::BorrowedMut(inner) => vec![inner],
            Self::Call(_, items) | Self::Array(items) | Self::Tuple(items) | Self::Macro(_, items) => {
                items.iter_mut().collect()
            }
            Self::Method(method) => std::iter::once(&mut method.of).chain(&mut method.arguments).collect(),
            Self::Either(either) => vec![&mut either.here, &mut either.elsewhere],
        }
    }

    /// Visits it and all that it is made of, in the order of the text.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        self.children().into_iter().for_each(|child| child.visit(see));
    }

    /// Changes it and then all that it is made of, in the order of the text.
    pub fn change(&mut self, change: &mut dyn FnMut(&mut Expr)) {
        change(self);
        self.children_mut().into_iter().for_each(|child| child.change(change));
    }

    /// Puts others in the place of literals, in the order in which they are visited.
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

    /// Whether it names a variable.
    pub fn names(&self, variable: &str) -> bool {
        let mut found = false;
        self.visit(&mut |it| found |= matches!(it, Self::Variable(name) if name == variable));
        found
    }
}
