//! The configuration file `meshsynth.toml`: apps, their commands, the output folder, and policies.

mod allow;
mod check;
mod deploy;
mod join;
pub mod keys;
mod lose;
mod policy;
mod policy_files;
mod reach;
mod reader;
pub mod severity;
mod stack_names;

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_diff::gates::{Allow, Policy, WORDS};
use meshsynth_model::problem::{Problem, did_you_mean};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use self::allow::About;
pub use self::check::Check;
pub use self::deploy::Deploy;
pub use self::join::{Handed, Join, MapFile};
pub use self::lose::Lose;
pub use self::policy_files::{Pattern, PolicyFiles};
pub use self::reach::Reach;
use self::reader::{Reader, entries};
use self::severity::Severities;
pub use self::stack_names::StackName;

const FILE: &str = "meshsynth.toml";

const EXAMPLE: &str = "\
[apps.shop]
run = [\"cargo\", \"run\", \"--quiet\", \"--bin\", \"shop\"]";

/// The configuration.
#[derive(Debug, PartialEq)]
pub struct Config {
    /// The folder of the file. Programs run there.
    pub folder: PathBuf,
    /// The output folder.
    pub output: PathBuf,
    /// The apps, in the order of the file.
    pub apps: Vec<App>,
    /// Deployment settings by the name of the app in its environment, such as `shop-production`.
    pub deploy: BTreeMap<String, Deploy>,
    /// The gates of `meshsynth diff`.
    pub policy: Policy,
    /// The settings of `meshsynth check`.
    pub check: Check,
    /// The exceptions of `[[allow]]`. Those for gates and rules are also in `policy`, those for rules also in `check`.
    pub allow: Vec<Allow>,
    /// The severities of rules.
    pub severity: Severities,
    /// The files of policies that are written in other languages than Rust.
    pub policy_files: PolicyFiles,
    /// The reachability rules.
    pub reach: Vec<Reach>,
    /// The failure rules.
    pub lose: Vec<Lose>,
    /// Outputs of one system that are inputs of another.
    pub joins: Vec<Join>,
    /// The stack names of templates.
    pub stack_names: Vec<StackName>,
}

/// An app: a platform and the program that defines it.
#[derive(Debug, PartialEq)]
pub struct App {
    /// The name.
    pub name: String,
    /// The command that runs the program; never empty.
    pub run: Vec<String>,
    /// The environments; empty if the app has a single deployment.
    pub environments: Vec<String>,
    /// The severities of rules, which the program receives.
    pub severity: Severities,
    /// The exceptions for rules, which the program receives.
    pub allow: Vec<Allow>,
}

/// An app in one of its environments: the unit that one run of a program synthesizes.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The app.
    pub app: &'a App,
    /// The environment, if the app has any.
    pub environment: Option<&'a str>,
}

impl Target<'_> {
    /// Returns the name of the synthesized platform and of its folder.
    pub fn name(&self) -> String {
        match self.environment {
            Some(environment) => format!("{}-{environment}", self.app.name),
            None => self.app.name.clone(),
        }
    }

    /// Returns the arguments that select this target on a command line, such as `shop --env production`.
    pub fn arguments(&self) -> String {
        match self.environment {
            Some(environment) => format!("{} --env {environment}", self.app.name),
            None => self.app.name.clone(),
        }
    }
}

impl App {
    /// Returns the app in each of its environments.
    pub fn targets(&self) -> Vec<Target<'_>> {
        match self.environments.as_slice() {
            [] => vec![Target { app: self, environment: None }],
            names => names.iter().map(|name| Target { app: self, environment: Some(name) }).collect(),
        }
    }
}

impl Config {
    /// Reads the given file, or else the nearest `meshsynth.toml`.
    pub fn find(named: Option<&Path>) -> Result<Self> {
        let here = std::env::current_dir().context("cannot determine the current folder")?;
        let file = match named {
            Some(file) => here.join(file),
            None => here.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file()).ok_or_else(|| {
                Problem::setting(format!("no `{FILE}` found in `{}` or its parent folders", here.display())).help(
                    format!(
                        "change to your project folder, create a project with `meshsynth init shop`, or write the \
                     file:\n\n{EXAMPLE}"
                    ),
                )
            })?,
        };
        let shown = file.strip_prefix(&here).unwrap_or(&file).display().to_string();
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read `{shown}`"))?;
        let folder = file.parent().unwrap_or(&here).to_owned();
        Ok(Reader { file: &shown, text: &text }.config(folder)?)
    }

    /// Reads the given file, or else the nearest `meshsynth.toml`. Returns `None` if neither exists.
    pub fn find_any(named: Option<&Path>) -> Result<Option<Self>> {
        let here = std::env::current_dir().context("cannot determine the current folder")?;
        let is_there = named.is_some() || here.ancestors().any(|folder| folder.join(FILE).is_file());
        if is_there { Self::find(named).map(Some) } else { Ok(None) }
    }

    /// Reads the file in a folder that is not the current folder of the user. Returns `None` if it is missing.
    pub fn read_in(folder: &Path) -> Result<Option<Self>> {
        let Ok(text) = fs::read_to_string(folder.join(FILE)) else { return Ok(None) };
        Ok(Some(Reader { file: FILE, text: &text }.config(folder.to_owned())?))
    }

    /// Returns the selected apps in the selected environments.
    pub fn targets(&self, names: &[String], environment: Option<&str>) -> Result<Vec<Target<'_>>> {
        let apps: Vec<&App> = match names {
            [] => self.apps.iter().collect(),
            names => names.iter().map(|name| self.app(name)).collect::<Result<_, _>>()?,
        };
        let Some(environment) = environment else {
            return Ok(apps.into_iter().flat_map(App::targets).collect());
        };
        let mut targets = Vec::new();
        for app in &apps {
            match app.targets().into_iter().find(|target| target.environment == Some(environment)) {
                Some(target) => targets.push(target),
                None if names.is_empty() => {}
                None => return Err(unknown_environment(environment, &[app]).into()),
            }
        }
        if targets.is_empty() { Err(unknown_environment(environment, &apps).into()) } else { Ok(targets) }
    }

    fn app(&self, name: &str) -> Result<&App, Problem> {
        self.apps.iter().find(|app| app.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.apps.iter().map(|app| app.name.as_str()).collect();
            Problem::setting(format!("unknown app `{name}`")).help(did_you_mean(name, &names))
        })
    }
}

fn unknown_environment(name: &str, apps: &[&App]) -> Problem {
    let mut names: Vec<&str> = apps.iter().flat_map(|app| &app.environments).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let problem = match apps {
        [app] => Problem::setting(format!("`{}` has no environment `{name}`", app.name)),
        _ => Problem::setting(format!("no app has an environment `{name}`")),
    };
    match (names.as_slice(), apps) {
        ([], [app]) => problem.help(format!("leave out `--env`, or add `environments` to `[apps.{}]`", app.name)),
        ([], _) => problem.help("leave out `--env`, or add `environments` to an app"),
        (names, _) => problem.help(did_you_mean(name, names)),
    }
}

impl Reader<'_> {
    fn config(&self, folder: PathBuf) -> Result<Config, Problem> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            let span = error.span().unwrap_or_default();
            let line = self.line(&span);
            self.problem(span, format!("it is not valid TOML: {message}")).help(format!("fix this line: `{line}`"))
        })?;
        let mut output = folder.join("synth.out");
        let mut apps = Vec::new();
        let mut deploy = BTreeMap::new();
        let mut policy = Policy::default();
        let mut check = None;
        let (mut allow, mut severity) = (Vec::new(), None);
        let (mut policy_files, mut reach, mut lose, mut joins) = (None, Vec::new(), Vec::new(), Vec::new());
        let mut stack_names = Vec::new();
        let mut has_gates = false;
        for (key, span, value) in self.rows_of(&keys::TOP, "", table.get_ref())? {
            match key {
                "deploy" => deploy = self.deploys(value)?,
                "output" => output = folder.join(self.text_of("output", value)?),
                "allow" => allow = self.allows(About::Everything, value)?,
                "apps" => apps = self.apps(value)?,
                "severity" => severity = Some(value),
                "diff" => (policy, has_gates) = (self.policy(value)?, true),
                "check" => check = Some(self.check(value)?),
                "join" => joins = self.joins(value)?,
                "stack" => stack_names = self.stack_names(value)?,
                "reach" => reach = self.reaches(value)?,
                "lose" => lose = self.loses(value)?,
                "policy" => policy_files = Some(self.policy_files(value)?),
                _ => return Err(self.unsupported(&keys::TOP, "", key, span)),
            }
        }
        // A project with only plain manifests needs no program.
        let is_asked =
            has_gates || !joins.is_empty() || !stack_names.is_empty() || !reach.is_empty() || !lose.is_empty();
        if apps.is_empty() && check.is_none() && policy_files.is_none() && !is_asked {
            return Err(self.problem(0..0, "no app is configured").help(format!("add an app:\n\n{EXAMPLE}")));
        }
        let names: Vec<String> = apps.iter().flat_map(App::targets).map(|target| target.name()).collect();
        if let Some((name, (span, _))) = deploy.iter().find(|(name, _)| !names.contains(name)) {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            let problem = self.problem(span.clone(), format!("app `{name}` does not exist"));
            return Err(problem.help(did_you_mean(name, &known)));
        }
        let deploy = deploy.into_iter().map(|(name, (_, deploy))| (name, deploy)).collect();
        let environments: Vec<&str> = apps.iter().flat_map(|app| &app.environments).map(String::as_str).collect();
        let severity = severity.map(|value| self.severities(value, &environments)).transpose()?.unwrap_or_default();
        let mut check = check.unwrap_or_default();
        let (of_gates, of_rules): (Vec<Allow>, Vec<Allow>) =
            allow.iter().cloned().partition(|it| WORDS.contains(&it.code.as_str()));
        policy.allow.extend(of_gates);
        let told = |app| App { severity: severity.clone(), allow: of_rules.clone(), ..app };
        let apps = apps.into_iter().map(told).collect();
        // A rule code, such as `MS0421`, can also be a gate, so an exception for a rule also applies to its gate.
        policy.allow.extend(of_rules.iter().cloned());
        check.everywhere = of_rules;
        // `[check]` overrides `[severity]` and has no environments.
        for (code, severity) in &severity.all {
            check.severity.entry(code.clone()).or_insert(*severity);
        }
        let policy_files = policy_files.unwrap_or_default();
        Ok(Config {
            folder,
            output,
            apps,
            deploy,
            policy,
            check,
            allow,
            severity,
            policy_files,
            reach,
            lose,
            joins,
            stack_names,
        })
    }

    fn apps(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<App>, Problem> {
        let mut apps = Vec::new();
        let mut places: BTreeMap<String, String> = BTreeMap::new();
        for (name, span, value) in entries(self.table_of("apps", value)?) {
            self.check_name("an app", name, span.clone())?;
            let app = self.app(name, span.clone(), value)?;
            for target in app.targets() {
                if let Some(other) = places.insert(target.name(), app.name.clone()) {
                    let text = format!("both `{other}` and `{name}` have the output name `{}`", target.name());
                    return Err(self.problem(span, text).help("rename one of the apps or environments"));
                }
            }
            apps.push(app);
        }
        Ok(apps)
    }

    fn app(&self, name: &str, span: Range<usize>, value: &Spanned<DeValue<'_>>) -> Result<App, Problem> {
        let table = format!("apps.{name}");
        let (mut run, mut environments) = (Vec::new(), Vec::new());
        for (key, span, value) in self.rows(&keys::APP, &table, value)? {
            let path = format!("{table}.{key}");
            match key {
                "run" => run = self.texts_of(&path, value)?.into_iter().map(|(text, _)| text).collect(),
                "environments" => {
                    for (text, span) in self.texts_of(&path, value)? {
                        self.check_name("an environment", &text, span.clone())?;
                        if environments.contains(&text) {
                            let problem = self.problem(span, format!("`{path}` contains `{text}` twice"));
                            return Err(problem.help("remove one of them"));
                        }
                        environments.push(text);
                    }
                }
                _ => return Err(self.unsupported(&keys::APP, &table, key, span)),
            }
        }
        if run.iter().all(String::is_empty) {
            let problem = self.problem(span, format!("`{table}` has no `run`"));
            return Err(problem
                .help(format!("specify the command that runs the program:\n\n{}", EXAMPLE.replace("shop", name))));
        }
        Ok(App { name: name.to_owned(), run, environments, severity: Severities::default(), allow: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, Problem> {
        Reader { file: FILE, text }.config(PathBuf::from("/project"))
    }

    #[test]
    fn keeps_order_of_apps() {
        let config = read(
            r#"
            output = "out"
            [apps.shop]
            run = ["cargo", "run"]
            environments = ["staging", "production"]
            [apps.blog]
            run = ["blog"]
            "#,
        )
        .unwrap();
        assert_eq!(config.output, Path::new("/project/out"));
        let names: Vec<String> = config.targets(&[], None).unwrap().iter().map(Target::name).collect();
        assert_eq!(names, ["shop-staging", "shop-production", "blog"]);
    }

    #[test]
    fn environment_selects_apps_that_define_it() {
        let config = read("[apps.a]\nrun = ['a']\nenvironments = ['x', 'y']\n[apps.b]\nrun = ['b']").unwrap();
        let names = |apps: &[&str], environment: &str| {
            let apps: Vec<String> = apps.iter().map(|&app| app.to_owned()).collect();
            let targets = config.targets(&apps, Some(environment)).map_err(|error| error.to_string())?;
            Ok::<Vec<String>, String>(targets.iter().map(Target::name).collect())
        };
        assert_eq!(names(&[], "y").unwrap(), ["a-y"]);
        assert_eq!(names(&["b"], "y").unwrap_err(), "`b` has no environment `y`");
        assert_eq!(names(&[], "z").unwrap_err(), "no app has an environment `z`");
    }

    #[test]
    fn rejects_two_targets_with_one_folder() {
        let error = read("[apps.a-b]\nrun = ['a']\n[apps.a]\nrun = ['a']\nenvironments = ['b']").unwrap_err();
        assert_eq!(error.to_string(), "both `a-b` and `a` have the output name `a-b`");
        assert_eq!(error.place.unwrap(), "meshsynth.toml:3:7");
    }
}
