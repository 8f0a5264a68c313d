//! Renders the buildspec templates in this folder.

/// Renders a template: a line that contains only `{{name}}` becomes one list item for each value.
///
/// Values are written as JSON strings, which are valid YAML. Therefore, a value cannot add YAML keys or list items. A
/// value that is known only at deployment is passed to the build as an environment variable.
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
    fn escapes_values_as_json_strings() {
        let evil = "echo \"a\"\n      - rm -rf /: {{checks}}".to_owned();
        let text = render("commands:\n  {{checks}}\n  - last\n", &[("checks", &[evil])]);
        assert_eq!(text, "commands:\n  - \"echo \\\"a\\\"\\n      - rm -rf /: {{checks}}\"\n  - last\n");
    }

    #[test]
    fn empty_list_renders_no_line() {
        assert_eq!(render("a\n  {{checks}}\nb\n", &[("checks", &[])]), "a\nb\n");
    }
}
