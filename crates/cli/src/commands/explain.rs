//! `meshsynth explain`: the pages of constructs and typed resources, and the manuals of diagnostics and of rules from the project's
//! programs.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use meshsynth::rules::{self, RULES, Rule};
use meshsynth_assembly as assembly;
use meshsynth_model::problem::{Problem, list, nearest};
use serde_json::{Value, json};

use crate::config::Config;
use crate::config::severity::{self, Severities};
use crate::policies;
use crate::reference::typed::{self, Typed};
use crate::reference::{self, Page, terminal};
use crate::shell::Shell;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth explain rds::Database          fields, defaults, relations, an example, costs
  meshsynth explain AWS::RDS::DBProxy      a typed resource: properties, setters, attributes
  meshsynth explain kube::apps::Deployment a typed kind of Kubernetes
  meshsynth explain MS0101                 a diagnostic: meaning, reason and fix
  meshsynth explain duplicate-id           the same, by name
  meshsynth explain ACME001                your own rule, from the last output
  meshsynth explain --search log retention pages and names of types with these words
  meshsynth explain                        all constructs and diagnostics, one per line";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// A construct, such as `rds::Database`, a typed resource, such as `AWS::RDS::DBProxy` or `cfn::rds::DbProxy`, or
    /// the code (`MS0101`) or name of a diagnostic.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Look for words in the pages of constructs, in diagnostics, and in the names of typed resources.
    #[arg(long, value_name = "WORD", num_args = 1.., conflicts_with = "name")]
    pub search: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// A diagnostic or rule that can be explained.
#[derive(Clone)]
struct Entry {
    code: String,
    /// The name of a built-in diagnostic; `None` for a rule of a policy pack.
    name: Option<String>,
    summary: String,
    manual: String,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<()> {
    let entries: Vec<Entry> = RULES.iter().map(built_in).chain(added(config)?).collect();
    if !args.search.is_empty() {
        return search(shell, &args.search, &entries, args.json);
    }
    match &args.name {
        None if args.json => {
            let constructs = reference::pages().into_iter().map(|page| page_as_json(&page));
            shell.json(&constructs.chain(entries.iter().map(Entry::to_json)).collect())
        }
        None => {
            let constructs = reference::pages().into_iter().map(|page| format!("{}  {}\n", page.name, page.summary()));
            let diagnostics = entries.iter().map(|it| format!("{}  {}\n", it.code, it.summary));
            shell.data(&constructs.chain(diagnostics).collect::<String>())
        }
        Some(name) if typed::is_path(name) => explain_type(shell, &Typed::read(typed::find(name)?), args.json),
        Some(name) => {
            if let Some(page) = construct(name)? {
                return match args.json {
                    true => shell.json(&page_as_json(&page)),
                    false => shell.data(&terminal::render(page.text, shell.columns(), shell.is_stdout_coloured())),
                };
            }
            let entry = match find(name, &entries) {
                Ok(entry) => entry,
                Err(unknown) => {
                    let listed = typed::find_by_suffix(name)?.ok_or(unknown)?;
                    return explain_type(shell, &Typed::read(listed), args.json);
                }
            };
            match args.json {
                true => shell.json(&entry.to_json()),
                false => {
                    let title = entry.name.as_ref().unwrap_or(&entry.summary);
                    let manual =
                        if entry.manual.is_empty() { "This diagnostic has no manual.\n" } else { &entry.manual };
                    let config = Config::find_any(config)?;
                    let here = config.and_then(|config| in_project(&config.severity, &entry.code));
                    let here = here.map(|here| format!("\n{here}\n")).unwrap_or_default();
                    let page = format!("# {}: {title}\n\n{}\n{here}", entry.code, manual.trim_end());
                    shell.data(&terminal::render(&page, shell.columns(), shell.is_stdout_coloured()))
                }
            }
        }
    }
}

fn explain_type(shell: &Shell, found: &Typed, is_json: bool) -> Result<()> {
    match is_json {
        true => shell.json(&found.to_json()),
        false => shell.data(&terminal::render(&found.page(), shell.columns(), shell.is_stdout_coloured())),
    }
}

/// Returns the page of a construct. An ambiguous name is an error that lists the candidates.
fn construct(name: &str) -> Result<Option<Page>, Problem> {
    match reference::find(name).as_slice() {
        [] => Ok(None),
        [page] => Ok(Some(*page)),
        several => {
            let names: Vec<&str> = several.iter().map(|page| page.name).collect();
            let help = format!("specify one of them: `meshsynth explain {}`", names[0]);
            Err(Problem::setting(format!("`{name}` is ambiguous: {}", list(&names))).help(help))
        }
    }
}

fn page_as_json(page: &Page) -> Value {
    json!({ "construct": page.name, "summary": page.summary(), "page": page.text })
}

/// Prints the constructs and diagnostics that contain all words, and the types with all words in their name.
fn search(shell: &Shell, words: &[String], entries: &[Entry], is_json: bool) -> Result<()> {
    let hits = reference::search(words);
    let lower: Vec<String> = words.iter().flat_map(|it| it.split_whitespace()).map(str::to_lowercase).collect();
    let has_all = |entry: &&Entry| {
        let text =
            format!("{} {} {}", entry.code, entry.name.as_deref().unwrap_or_default(), entry.manual).to_lowercase();
        lower.iter().all(|word| text.contains(word.as_str()))
    };
    let diagnostics: Vec<&Entry> = entries.iter().filter(has_all).collect();
    let types = typed::search(words);
    if is_json {
        let types = types.iter().map(|it| json!({ "type": it.shown(), "vendor": it.vendor }));
        let constructs = hits.iter().map(|hit| json!({ "construct": hit.page.name, "lines": hit.lines }));
        return shell.json(&constructs.chain(diagnostics.into_iter().map(Entry::to_json)).chain(types).collect());
    }
    if hits.is_empty() && diagnostics.is_empty() && types.is_empty() {
        let help = "use fewer words, or only the beginning of a word; list all pages with `meshsynth explain`";
        return Err(Problem::setting(format!("no page contains the words `{}`", words.join(" "))).help(help).into());
    }
    let columns = shell.columns();
    let mut out = String::new();
    for hit in hits {
        out += &format!("{}\n", hit.page.name);
        out.extend(hit.lines.iter().map(|line| format!("    {}\n", cut(line, columns.saturating_sub(4)))));
    }
    out.extend(diagnostics.iter().map(|it| cut(&format!("{}  {}", it.code, it.summary), columns) + "\n"));
    out.extend(types.iter().map(|it| format!("{}  {}\n", it.shown(), it.vendor)));
    shell.data(&out)
}

/// Cuts a line to the given number of columns.
fn cut(line: &str, columns: usize) -> String {
    match line.chars().count() > columns {
        true => line.chars().take(columns.saturating_sub(1)).chain(['…']).collect(),
        false => line.to_owned(),
    }
}

/// Returns the severities of a rule that the project configures.
fn in_project(severities: &Severities, code: &str) -> Option<String> {
    let all = severities.all.get(code).map(|severity| severity::word(*severity).to_owned());
    let of = severities.environments.iter();
    let named = of.filter_map(|(name, rows)| Some(format!("{name}: {}", severity::word(*rows.get(code)?))));
    let words: Vec<String> = all.into_iter().chain(named).collect();
    (!words.is_empty()).then(|| format!("In this project: {}.", words.join("; ")))
}

fn built_in(rule: &Rule) -> Entry {
    let manual = rule.manual();
    let summary = manual.lines().next().unwrap_or_default().to_owned();
    Entry { code: rule.code.to_owned(), name: Some(rule.name.replace('_', "-")), summary, manual }
}

/// Returns the rules that the project's programs added in their last run, by code. Unreadable outputs are skipped,
/// because other commands report them.
fn added(config: Option<&Path>) -> Result<Vec<Entry>> {
    let Some(config) = Config::find_any(config)? else { return Ok(Vec::new()) };
    let folders = config.apps.iter().flat_map(|app| app.targets()).map(|target| config.output.join(target.name()));
    let manifests = folders.filter_map(|folder| assembly::read_manifest(&folder).ok());
    let rules: BTreeMap<String, Entry> = manifests
        .flat_map(|manifest| manifest.rules)
        .map(|rule| {
            let assembly::Rule { code, summary, manual, .. } = rule;
            (code.clone(), Entry { code, name: None, summary, manual })
        })
        .collect();
    let policies = policies::load(Some(&config)).map(|policies| policies.explained()).unwrap_or_default();
    let policies = policies.into_iter().map(|[code, summary, manual]| Entry { code, name: None, summary, manual });
    Ok(rules.into_values().chain(policies).collect())
}

fn find<'a>(code: &str, entries: &'a [Entry]) -> Result<&'a Entry, Problem> {
    let is_it = |entry: &&Entry| {
        entry.code.eq_ignore_ascii_case(code) || entry.name.as_ref().is_some_and(|name| *name == code.replace('_', "-"))
    };
    entries.iter().find(is_it).ok_or_else(|| {
        let known = entries.iter().flat_map(|entry| [Some(entry.code.as_str()), entry.name.as_deref()]).flatten();
        let pages = reference::pages();
        // The user may omit the module of a construct.
        let constructs = pages.iter().flat_map(|page| [Some(page.name), page.name.rsplit("::").next()]).flatten();
        let help = match nearest(code, known.chain(constructs)) {
            Some(near) => format!("did you mean `{near}`? list all with `meshsynth explain`"),
            None => "list all with `meshsynth explain`; your own rules are listed after `meshsynth synth`".to_owned(),
        };
        Problem::setting(format!("there is no construct or diagnostic named `{code}`")).help(help)
    })
}

impl Entry {
    fn to_json(&self) -> Value {
        match &self.name {
            Some(name) => json!({ "code": self.code, "name": name, "manual": self.manual }),
            None => json!({ "code": self.code, "summary": self.summary, "manual": self.manual }),
        }
    }
}

/// Returns the summary and the manual of a code, for tools that show them beside a finding.
pub fn described(code: &str, added: &[assembly::Rule]) -> Option<(String, String)> {
    let of_company =
        || added.iter().find(|rule| rule.code == code).map(|rule| (rule.summary.clone(), rule.manual.clone()));
    rules::find(code).map(built_in).map(|entry| (entry.summary, entry.manual)).or_else(of_company)
}
