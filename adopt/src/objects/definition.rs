//! Custom resource definitions: nobody wants to read a schema of a thousand lines as Rust.

use meshsynth_types::val::Data;

use super::object::{self, Read};
use crate::tree::{Content, Expr, File, Literal, Statement};

/// What a definition becomes.
pub const CONSTRUCT: &str = "mesh::Manifests";

/// The statement of a definition, whose text is a file; none for another object.
pub fn define(read: &Read, id: &str, comments: &[String]) -> Option<Statement> {
    read.is_definition().then(|| {
        let file = File { path: format!("crds/{}.yaml", file_name(&read.name)), content: content(read) };
        let arguments = [Expr::Scope, Expr::text(id), Expr::Literal(Literal::File(file))];
        object::statement(Expr::call(format!("{CONSTRUCT}::new"), arguments), comments)
    })
}

fn content(read: &Read) -> Content {
    Content::Document(Data::Map(read.body.clone()))
}

/// The name of a definition as that of a file, whatever somebody called it.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '-' };
    let name: String = name.chars().map(plain).take(100).collect();
    name.trim_start_matches('.').to_owned()
}
