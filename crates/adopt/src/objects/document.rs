//! Objects that are written as files instead of Rust.
//!
//! - Custom resource definitions have long schemas.
//! - Large sets of Prometheus rules contain expressions in another language.

use meshsynth_model::val::Data;

use super::object::{self, Read};
use crate::tree::{Content, Expr, File, Literal, Statement};

/// The construct for such objects.
pub const CONSTRUCT: &str = "mesh::Manifests";
/// The maximum number of rules in Rust.
const MOST_RULES: usize = 10;

/// Writes the statement of an object in a file, or returns `None` for other objects.
pub fn define(read: &Read, id: &str, comments: &[String]) -> Option<Statement> {
    let file = File { path: path(read)?, content: content(read) };
    let arguments = [Expr::Scope, Expr::text(id), Expr::Literal(Literal::File(file))];
    Some(object::statement(Expr::call(format!("{CONSTRUCT}::new"), arguments), comments))
}

/// Returns the path of the object's file.
fn path(read: &Read) -> Option<String> {
    let folder = match () {
        () if read.is_definition() => "crds",
        () if n_rules(read) > MOST_RULES => "rules",
        () => return None,
    };
    Some(format!("{folder}/{}.yaml", file_name(&read.name)))
}

/// Returns the number of Prometheus rules in the object.
fn n_rules(read: &Read) -> usize {
    if read.kind != "PrometheusRule" || !read.api_version.starts_with("monitoring.coreos.com/") {
        return 0;
    }
    let groups = read.body.get("spec").and_then(|it| it.at("groups")).and_then(Data::as_list).unwrap_or_default();
    groups.iter().filter_map(|it| it.at("rules")?.as_list()).map(<[Data]>::len).sum()
}

fn content(read: &Read) -> Content {
    let mut body = read.body.clone();
    // In a program, the scope of an object specifies its namespace. In a file, the object itself must specify it.
    if let (Some(namespace), Some(metadata)) = (&read.namespace, body.get("metadata").and_then(Data::as_map)) {
        let mut metadata = metadata.clone();
        metadata.set("namespace", namespace.clone());
        body.set("metadata", Data::Map(metadata));
    }
    Content::Document(Data::Map(body))
}

/// Returns an object name as a valid file name.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '-' };
    let name: String = name.chars().map(plain).take(100).collect();
    name.trim_start_matches('.').to_owned()
}
