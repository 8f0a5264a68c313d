//! Valid names of apps.

use std::path::Path;

use meshsynth_model::problem::Problem;

/// Returns the given name, or a name that is derived from the folder.
pub fn app_name(given: Option<&str>, folder: &Path) -> Result<String, Problem> {
    let problem = |text: String| {
        Problem::setting(text)
            .help("use at most 32 lower-case letters, digits and `-`, starting with a letter: `--name shop`")
    };
    if let Some(name) = given {
        return if is_name(name) {
            Ok(name.to_owned())
        } else {
            Err(problem(format!("`{name}` is not a valid app name")))
        };
    }
    let folder = folder.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = folder.replace(['_', '.', ' '], "-").trim_matches('-').to_owned();
    if is_name(&name) { Ok(name) } else { Err(problem(format!("the folder name `{folder}` is not a valid app name"))) }
}

/// Names that cargo or the compiler reserve.
const TAKEN: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum extern \
    false final fn for gen if impl in let loop macro match meshsynth meshsynth-program mod move mut override priv \
    proc-macro pub ref return self static std struct super test trait true try type typeof unsafe unsized use \
    virtual where while yield";

/// Whether a name is valid for stacks, packages and folders.
fn is_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !TAKEN.split_whitespace().any(|taken| taken == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_valid_for_stacks_and_packages() {
        for name in ["shop", "my-shop2"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "Shop", "2shop", "shop-", "my_shop", "my--shop", "meshsynth", "match", &"a".repeat(33)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
