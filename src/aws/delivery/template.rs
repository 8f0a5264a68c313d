//! Fills the texts of buildspecs, which lie beside this file.

/// Returns a text with its lists filled in: a line that is nothing but `{{name}}` becomes an item for
/// each value.
///
/// Values are written as JSON strings, which YAML reads as they are, so no
/// value can end its line or begin something else. Everything that is known
/// only to AWS comes to a build as an environment variable instead.
pub(super) fn render(template: &str, lists: &[(&str, &[String])]) -> String {
    let mut out = String::new();
    for line in template.lines() {
        let text = line.trim_start();
        let indent = &line[..line.len() - text.len()];
        let name = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        match name.and_then(|name| lists.iter().find(|(known, _)| *known == name)) {
            Some((_, values)) => {
                for value in *values {
                    out += &format!("{indent}- {}\n", serde_json::Value::from(value.as_str()));
                }
            }
            None => out += &format!("{line}\n"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn a_value_cannot_become_structure() {
        let evil = "echo \"a\"\n      - rm -rf /: {{checks}}".to_owned();
        let text = render("commands:\n  {{checks}}\n  - last\n", &[("checks", &[evil])]);
        assert_eq!(text, "commands:\n  - \"echo \\\"a\\\"\\n      - rm -rf /: {{checks}}\"\n  - last\n");
    }

    #[test]
    fn an_empty_list_leaves_no_line() {
        assert_eq!(render("a\n  {{checks}}\nb\n", &[("checks", &[])]), "a\nb\n");
    }
}
