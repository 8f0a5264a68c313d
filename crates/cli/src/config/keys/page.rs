//! Generates the page `docs/configuration.md` from the tables.

use std::fmt::Write as _;

use super::{Form, Key, TABLES, Table};

const HEAD: &str = "\
# The configuration file

Generated from the tables in `crates/cli/src/config/keys`; a test keeps it current.

`meshsynth.toml` lists the apps of a project and the settings of the commands. The file is searched in the current
folder and then in its parent folders; `--config FILE` names another file. Programs run in the folder of the file, and
relative paths start there. An unknown key is an error.

For completion in an editor with a TOML language server, such as Taplo, the first line of the file can name the
[JSON schema](meshsynth.schema.json): `#:schema ./meshsynth.schema.json`.

## Example

A project with one app, two environments, and stricter settings for production:

";

/// The complete example.
pub(super) const EXAMPLE: &str = r#"output = "synth.out"

[apps.shop]
run = ["cargo", "run", "--quiet"]
environments = ["staging", "production"]

[diff]
deny = ["data-loss", "public"]

[deploy.shop-production]
role = "arn:aws:iam::{account}:role/deployer"
protect = true
deny = ["data-loss", "public", "interruption", "mass-delete=5%"]

[severity]
MS0421 = "warning"

[severity.production]
MS0421 = "error"

[[reach]]
never = "internet"
to = "orders-db"

[[allow]]
code = "data-loss"
what = "data/orders-*"
reason = "moved by hand, see the runbook"
until = "2026-12-31"
who = "platform team"
"#;

const PRECEDENCE: &str = "
## Precedence

If several settings apply, the first one in the row is used:

| setting | order |
|---|---|
| severity of a rule in `synth` and `diff` | `[severity.<environment>]`, `[severity]`, the program, the rule |
| severity of a rule in `check` | `[check.severity]`, `[severity]`, the rule |
| gates of `deploy` | `deny`, `mass-delete` and `regions-at-once` of `[deploy]` if one of them is set, otherwise those of `[diff]` |
| output folder | `--output`, `output` |
| stack of a template | `[[stack]]`, the files of the tool, such as `cdk.out`, the file name |

These settings are added to each other:

- Gates of `--deny` are added to the gates of the file, in `diff` and in `deploy`.
- Exceptions of `[[diff.allow]]` and `[[check.allow]]`, and of the program, are added to `[[allow]]`.
- Tables of the file of `--map` are added to `[[join]]` and `[[stack]]`.
- Requirements of the program are added to `[[reach]]`.
";

/// Returns the whole page.
fn page() -> String {
    let mut text = format!("{HEAD}```toml\n{EXAMPLE}```\n{PRECEDENCE}");
    for table in TABLES {
        section(&mut text, table);
    }
    text
}

fn section(text: &mut String, table: &Table) {
    let title = match (table.path, table.is_list) {
        ("", _) => "Top level".to_owned(),
        (path, true) => format!("`[[{path}]]`"),
        (path, false) => format!("`[{path}]`"),
    };
    let more = if table.link.is_empty() { String::new() } else { format!(" See {}.", table.link) };
    let _ = write!(text, "\n## {title}\n\n{}{more}\n", table.text);
    if table.keys.is_empty() {
        text.push_str("\nThe following tables contain the settings.\n");
        return;
    }
    text.push_str("\n| key | type | default | description |\n|---|---|---|---|\n");
    for key in table.keys {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} Example: `{}` |",
            key.name,
            form(key.form),
            default(table, key),
            key.text,
            key.example
        );
    }
    for group in table.required.iter().filter(|group| group.len() > 1) {
        let _ = write!(text, "\nOne of `{}` is required.\n", group.join("`, `"));
    }
}

/// Returns the behavior without a key.
fn default(table: &Table, key: &Key) -> &'static str {
    match table.required.iter().find(|group| group.contains(&key.name)) {
        Some([_]) => "required",
        Some(_) => "required alternative",
        None => key.default,
    }
}

fn form(form: Form) -> String {
    match form {
        Form::Text => "text".to_owned(),
        Form::Texts => "list of texts".to_owned(),
        Form::OneOrMore => "text, or list of texts".to_owned(),
        Form::Boolean => "`true` or `false`".to_owned(),
        Form::Date => "date as text".to_owned(),
        Form::Share => "number, or percentage as text".to_owned(),
        Form::Count => "number".to_owned(),
        Form::Gates => "list of [gates](diff.md#gates)".to_owned(),
        Form::Gate => "gate without a limit".to_owned(),
        Form::Severity => words(&["error", "warning", "note", "off"]),
        Form::Word(all) => words(all),
    }
}

fn words(all: &[&str]) -> String {
    let quoted: Vec<String> = all.iter().map(|word| format!("`\"{word}\"`")).collect();
    quoted.join(", ")
}

#[test]
fn page_in_book_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, page()).expect("the page is written");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page(), "docs/configuration.md is stale: UPDATE_DOCS=1 cargo test --package meshsynth-cli keys");
    assert!(page().lines().count() <= 300, "{} lines", page().lines().count());
}
