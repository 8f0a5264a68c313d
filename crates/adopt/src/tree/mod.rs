//! The program as a tree of expressions, statements and functions. [`layout`] prints it.

mod expr;
mod file;
mod function;
pub mod layout;
mod literal;
mod path;
mod statement;

pub use expr::{Either, Expr, Method};
pub use file::{Content, File};
pub use function::{Function, Param, Type};
pub use literal::{Literal, is_seen};
pub use path::Path;
pub use statement::{Line, Loop, Statement};
