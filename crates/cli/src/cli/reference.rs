//! Generates the command-line reference page of the book from `--help`, so that both agree.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};

use super::Cli;

const HEAD: &str = "\
# The command line

Generated from `meshsynth --help`; a test keeps it current.

Messages for people go to stderr, data for programs to stdout. Output is colored on a terminal; `NO_COLOR` or
`--color never` turns that off. With `--quiet`, only diagnostics and errors are printed. Only `deploy` and `destroy`
ask questions, and only on a terminal.
";

const CODES: &str = "
## Exit codes

The exit codes are stable: scripts can rely on them.

| code | meaning | commands |
|---|---|---|
| 0 | success | all |
| 1 | the platform has errors: diagnostics, a program that does not compile or panics; with `--strict` also warnings; with `--check` also a stale output | `synth` |
| 1 | the manifests have errors; with `--strict` also warnings | `check` |
| 1 | a gate failed; or, with `--exit-code`, there are changes | `diff` |
| 1 | a gate failed, or an exception has expired: nothing was changed | `deploy` |
| 1 | an operation failed, was not approved, or could not delete a resource; the report contains the next steps | `deploy`, `destroy`, `bootstrap` |
| 1 | drift was found | `drift` |
| 1 | a result differs from `--expect`; with `--check`, a reachability rule is violated | `reach` |
| 1 | with `--check`, a failure rule is violated | `lose` |
| 1 | problems were found | `doctor` |
| 2 | a program that fails, for a command that needs its output | `diff`, `deploy`, `render`, `destroy --orphans` |
| 2 | a stale output | `deploy`, `render`, `destroy --orphans` |
| 2 | usage, configuration or the machine: an unknown app, a broken meshsynth.toml, no credentials, a full disk, a folder that meshsynth does not own | all |
| 130 | interrupted, and cleaned up; `watch` ends with 0 | all |
";

/// Returns the whole page.
pub fn page() -> String {
    let mut command = Cli::command();
    command.build();
    let mut text = HEAD.to_owned();
    text += "\n## Options of every command\n\n";
    for option in options(&command).filter(|option| option.is_global_set()) {
        row(&mut text, option);
    }
    text += CODES;
    for command in command.get_subcommands().filter(|it| it.get_name() != "help") {
        section(&mut text, command);
    }
    text
}

fn section(text: &mut String, command: &Command) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let _ = write!(text, "\n## `meshsynth {}`\n\n{about}\n\n```text\n{usage}\n```\n\n", command.get_name());
    let arguments = command.get_positionals();
    let options = options(command).filter(|option| !option.is_global_set());
    for arg in arguments.chain(options) {
        row(text, arg);
    }
    if let Some(more) = command.get_after_help() {
        let _ = write!(text, "\n```text\n{}\n```\n", more.to_string().trim_end());
    }
}

/// Returns options and flags, without `--help` and `--version`.
fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_positional() && arg.get_id() != "help" && arg.get_id() != "version")
}

fn row(text: &mut String, arg: &Arg) {
    let values: Vec<String> = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let takes_value = arg.get_action().takes_values();
    let value = if takes_value && !values.is_empty() { format!(" <{}>", values.join("> <")) } else { String::new() };
    let name = match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}{value}"),
        (None, Some(long)) => format!("--{long}{value}"),
        _ => value.trim().to_owned(),
    };
    let help = arg.get_help().map(|help| escaped(&help.to_string().replace('\n', " "))).unwrap_or_default();
    let stop = if help.ends_with('.') { "" } else { "." };
    let _ = write!(text, "- `{name}`: {help}{stop}");
    let possible: Vec<String> =
        arg.get_possible_values().iter().filter(|_| takes_value).map(|it| format!("`{}`", it.get_name())).collect();
    if !possible.is_empty() {
        let _ = write!(text, " One of {}.", possible.join(", "));
    }
    let defaults: Vec<String> = arg
        .get_default_values()
        .iter()
        .filter(|_| takes_value)
        .map(|it| format!("`{}`", it.to_string_lossy()))
        .collect();
    if !defaults.is_empty() {
        let _ = write!(text, " Default: {}.", defaults.join(", "));
    }
    text.push('\n');
}

/// Escapes `<` outside of code, so that it does not start an HTML tag.
fn escaped(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts: Vec<String> =
        parts.map(|(idx, part)| if idx % 2 == 0 { part.replace('<', "&lt;") } else { part.to_owned() }).collect();
    parts.join("`")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn page_in_book_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(path, page()).expect("the page is written");
        }
        let written = fs::read_to_string(path).unwrap_or_default();
        assert!(written == page(), "docs/cli.md is stale: UPDATE_DOCS=1 cargo test --package meshsynth-cli reference");
    }

    #[test]
    fn every_command_has_a_summary_and_examples_or_codes() {
        let command = Cli::command();
        command.clone().debug_assert();
        for command in command.get_subcommands() {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name}");
            let more = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(more.contains("Examples:"), "{name} has no examples in its help");
            // Longer lines wrap on most terminals.
            let long: Vec<&str> = more.lines().filter(|line| line.chars().count() > 100).collect();
            assert!(long.is_empty(), "{name}: {long:#?}");
        }
    }

    #[test]
    fn table_contains_every_exit_code() {
        use meshsynth_model::problem::Problem;
        let problems = [Problem::platform(""), Problem::setting(""), Problem::interrupt()];
        for code in problems.map(|problem| problem.exit_code()) {
            assert!(CODES.contains(&format!("\n| {code} |")), "{code}");
        }
    }
}
