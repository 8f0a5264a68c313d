//! The app, with which every program begins.

use std::cell::RefCell;

use crate::diag::{Diagnostic, Severity};
use crate::exception::ConfiguredException;
use crate::policy::Rule;
use crate::rules::{Company, Rules};
use crate::synth::Judge;
use crate::tree::{At, Construct, Scope};
use crate::{Assembly, Failure, TemplateFormat, synth};

/// A whole platform: the root of the construct tree.
///
/// # Example
///
/// ```
/// use meshsynth::{App, Env, Stack, aws};
///
/// let app = App::new("shop");
/// let net = Stack::new(&app, "network", Env::region("ap-northeast-1"));
/// aws::Vpc::new(&net, "vpc", aws::VpcProps { zones: 3, ..Default::default() });
/// let assembly = app.synth()?;
/// assert!(assembly.files.contains_key("network.template.json"));
/// # Ok::<(), meshsynth::Failure>(())
/// ```
pub struct App {
    name: String,
    scope: Scope,
    rules: RefCell<Vec<Rule>>,
}

impl App {
    /// Defines an app with this name, which is the prefix of each stack name.
    #[track_caller]
    pub fn new(name: &str) -> Self {
        let scope = Scope::root(name, At::caller(), defines_constructs);
        Self { name: name.to_owned(), scope, rules: RefCell::default() }
    }

    /// Returns the name of the app.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tags every resource that supports tags, without overriding tags of a stack or resource. The tag `meshsynth:app`
    /// is always set.
    pub fn tag(&self, key: &str, value: &str) -> &Self {
        self.scope.settings(|settings| settings.tags.push((key.to_owned(), value.to_owned())));
        self
    }

    /// Labels every Kubernetes object and every pod, without overriding their labels and selectors.
    ///
    /// A changed label restarts the pods.
    ///
    /// # Diagnostics
    ///
    /// - `MS0413`: Kubernetes does not accept the key or the value.
    #[track_caller]
    pub fn label(&self, key: &str, value: &str) -> &Self {
        match is_label(key, value) {
            true => self.scope.settings(|settings| settings.labels.push((key.to_owned(), value.to_owned()))),
            false => self.scope.report(
                Diagnostic::error("MS0413", format!("`{key}: {value}` is not a valid label"))
                    .help(
                        "use at most 63 letters, digits, `-`, `_` and `.` for both, and begin and end with a letter or digit; a key can have a prefix of a domain and `/`",
                    )
                    .at(At::caller()),
            ),
        }
        self
    }

    /// Makes references between stacks of one account and region weak (`Fn::GetStackOutput`), so that exports do not
    /// couple the stacks.
    pub fn weak_references(&self) -> &Self {
        self.scope.settings(|settings| settings.weak_references = true);
        self
    }

    /// Sets the role with which a stack reads outputs of another account. Default: `meshsynth-output-reader`.
    pub fn output_reader_role(&self, name: &str) -> &Self {
        self.scope.settings(|settings| name.clone_into(&mut settings.output_reader_role));
        self
    }

    /// Adds a custom rule, which checks the platform together with the built-in rules.
    ///
    /// # Diagnostics
    ///
    /// - `MS1101`: its code is invalid, or another rule has the same code.
    ///
    /// # Example
    ///
    /// ```
    /// use meshsynth::policy::Rule;
    /// use meshsynth::App;
    ///
    /// let app = App::new("shop");
    /// app.rule(Rule::new("ACME001", "every stack has tags", |platform, report| {
    ///     for stack in platform.stacks().filter(|stack| stack.tags().next().is_none()) {
    ///         report.at(&stack, "the stack has no tags").help("call `tag`");
    ///     }
    /// }));
    /// ```
    #[track_caller]
    pub fn rule(&self, rule: Rule) -> &Self {
        self.rules([rule])
    }

    /// Adds the rules of a pack, such as `acme_policy::rules()`.
    ///
    /// # Diagnostics
    ///
    /// - `MS1101`: a code is invalid, or another rule has the same code.
    #[track_caller]
    pub fn rules(&self, rules: impl IntoIterator<Item = Rule>) -> &Self {
        let at = At::caller();
        let mut known = self.rules.borrow_mut();
        for rule in rules {
            let wrong = |message: String| Diagnostic::error("MS1101", message).at(at);
            let code = rule.code();
            if !rule.has_valid_code() {
                let help =
                    "use 2 to 12 upper-case letters and a number, such as `ACME001`; `MS` is reserved for meshsynth";
                self.scope.report(wrong(format!("`{code}` is not a valid rule code")).help(help));
            } else if let Some(other) = known.iter().find(|it| it.code() == code) {
                let note = format!("the other rule with this code: {}", other.summary());
                self.scope.report(wrong(format!("two rules have the code `{code}`")).note_at(note, other.at()));
            } else {
                known.push(rule);
            }
        }
        self
    }

    /// Allows findings according to the project configuration. Exceptions of the program take precedence.
    ///
    /// `Program` calls this for each `[[allow]]` of meshsynth.toml.
    ///
    /// # Example
    ///
    /// ```
    /// use meshsynth::exception::ConfiguredException;
    /// use meshsynth::App;
    ///
    /// let app = App::new("shop");
    /// app.allow_configured(ConfiguredException {
    ///     code: "MS0701".to_owned(),
    ///     what: "data/*".to_owned(),
    ///     reason: "moves next month".to_owned(),
    ///     until: "2027-01-31".to_owned(),
    ///     who: Some("platform team".to_owned()),
    ///     source: "meshsynth.toml:9:1".to_owned(),
    /// });
    /// ```
    pub fn allow_configured(&self, exception: ConfiguredException) -> &Self {
        self.scope.settings(|settings| settings.configured.push(exception));
        self
    }

    /// Sets the severity of a rule's findings, or disables the rule with `None`. The last call for a code takes
    /// precedence.
    ///
    /// `Program` calls this for each `[severity]` entry of meshsynth.toml.
    ///
    /// # Diagnostics
    ///
    /// - `MS1102`: findings of the rule make the output invalid, so it stays an error.
    ///
    /// # Example
    ///
    /// ```
    /// use meshsynth::diag::Severity;
    /// use meshsynth::App;
    ///
    /// let app = App::new("shop");
    /// app.severity("MS0701", Severity::Error).severity("MS0310", None);
    /// ```
    pub fn severity(&self, code: &str, severity: impl Into<Option<Severity>>) -> &Self {
        let severity = severity.into();
        self.scope.settings(|settings| {
            settings.severities.retain(|(known, _)| known != code);
            settings.severities.push((code.to_owned(), severity));
        });
        self
    }

    /// Compiles the app. Later definitions through a handle have no effect.
    ///
    /// # Errors
    ///
    /// Returns all errors of the program together.
    pub fn synth(self) -> Result<Assembly, Failure> {
        self.synth_as(TemplateFormat::Json)
    }

    /// Compiles the app, with templates in the given format.
    ///
    /// # Errors
    ///
    /// Returns all errors of the program together.
    pub fn synth_as(self, format: TemplateFormat) -> Result<Assembly, Failure> {
        synth::synth(self.name, &self.scope, format, &Rules { company: self.rules.take() })
    }

    /// Compiles the app in a process that ends after using the assembly. It leaks the content of the app.
    ///
    /// # Errors
    ///
    /// Returns all errors of the program together.
    #[doc(hidden)]
    pub fn synth_last(self, format: TemplateFormat) -> Result<Assembly, Failure> {
        let done = synth::synth_last(self.name, &self.scope, format, &Rules { company: self.rules.take() });
        std::mem::forget(self.scope);
        done
    }

    /// Runs the built-in and the added rules the given number of times, for benchmarks. Returns the number of findings.
    #[doc(hidden)]
    pub fn repeat_rules(self, built_in: usize, added: usize) -> usize {
        let (all, company) = (Rules::default(), self.rules.take());
        let company = Company(&company);
        let lists = std::iter::repeat_n(&all as &dyn Judge, built_in);
        synth::count_findings(&self.scope, lists.chain(std::iter::repeat_n(&company as &dyn Judge, added)))
    }

    /// Compiles the platform, and also returns its objects as data, by path.
    pub(crate) fn synth_with_objects(self) -> Result<(Assembly, Vec<(String, serde_json::Value)>), Failure> {
        synth::synth_with_objects(self.name, &self.scope, &Rules { company: self.rules.take() })
    }
}

impl Construct for App {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Whether Kubernetes accepts a key and a value as a label.
fn is_label(key: &str, value: &str) -> bool {
    let is_word = |word: &str| {
        let end = |c: char| c.is_ascii_alphanumeric();
        word.len() <= 63
            && word.starts_with(end)
            && word.ends_with(end)
            && word.chars().all(|c| end(c) || matches!(c, '-' | '_' | '.'))
    };
    let is_domain = |domain: &str| {
        domain.len() <= 253
            && domain.split('.').all(|part| {
                is_word(part) && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            })
    };
    let is_key = match key.split_once('/') {
        Some((domain, name)) => is_domain(domain) && is_word(name),
        None => is_word(key),
    };
    is_key && (value.is_empty() || is_word(value))
}

/// Whether a source file defines constructs of the library. Its lines are not shown to users.
fn defines_constructs(file: &str) -> bool {
    let here = file!();
    let Some(source) = here.strip_suffix("app.rs") else { return false };
    file.strip_prefix(source)
        .is_some_and(|rest| !rest.contains("rules") && !rest.starts_with("testing") && !rest.starts_with("synth"))
}
