//! Paths of types in a program.

/// Returns a path as the program writes it. The main type of a file is named by its module.
pub fn shown(path: &str) -> String {
    let parts: Vec<&str> = path.split("::").collect();
    let short = match parts.as_slice() {
        [root, module, file, name] if crate::names::snake(name) == *file => format!("{root}::{module}::{name}"),
        _ => path.to_owned(),
    };
    match short.strip_prefix("services::") {
        Some(rest) => format!("meshsynth_services::{rest}"),
        None => short,
    }
}
