//! Objects that nobody wants to read as Rust: custom resource definitions, which are schemas of a thousand lines, and many
//! rules of Prometheus, which are expressions of another language.

use meshsynth_types::val::Data;

use super::object::{self, Read};
use crate::tree::{Content, Expr, File, Literal, Statement};

/// What such an object becomes.
pub const CONSTRUCT: &str = "mesh::Manifests";
/// More rules than this are a file.
const MOST_RULES: usize = 10;

/// The statement of an object whose text is a file; none for another object.
pub fn define(read: &Read, id: &str, comments: &[String]) -> Option<Statement> {
    let file = File { path: path(read)?, content: content(read) };
    let arguments = [Expr::Scope, Expr::text(id), Expr::Literal(Literal::File(file))];
    Some(object::statement(Expr::call(format!("{CONSTRUCT}::new"), arguments), comments))
}

/// The path of its file.
fn path(read: &Read) -> Option<String> {
    let folder = match () {
        () if read.is_definition() => "crds",
        () if n_rules(read) > MOST_RULES => "rules",
        () => return None,
    };
    Some(format!("{folder}/{}.yaml", file_name(&read.name)))
}

/// How many rules it has for Prometheus.
fn n_rules(read: &Read) -> usize {
    if read.kind != "PrometheusRule" || !read.api_version.starts_with("monitoring.coreos.com/") {
        return 0;
    }
    let groups = read.body.get("spec").and_then(|it| it.at("groups")).and_then(Data::as_list).unwrap_or_default();
    groups.iter().filter_map(|it| it.at("rules")?.as_list()).map(<[Data]>::len).sum()
}

fn content(read: &Read) -> Content {
    let mut body = read.body.clone();
    // Within the program the namespace is said by where it is defined.
    if let (Some(namespace), Some(metadata)) = (&read.namespace, body.get("metadata").and_then(Data::as_map)) {
        let mut metadata = metadata.clone();
        metadata.set("namespace", namespace.clone());
        body.set("metadata", Data::Map(metadata));
    }
    Content::Document(Data::Map(body))
}

/// The name of an object as that of a file, whatever somebody called it.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '-' };
    let name: String = name.chars().map(plain).take(100).collect();
    name.trim_start_matches('.').to_owned()
}
