//! Tests the corpus in `tests/corpus`: small documents with their expected findings.
//!
//! A case begins with `# case:` and its name. The comments below it list all expected findings:
//!
//! - `# expect: clean`, or `# expect: CODE construct field` for each finding; `-` means no field;
//! - `# note: CODE construct field`, for a finding with the severity note;
//! - `# near: CODE`, for the rule that a clean case almost breaks;
//! - `# reads: path = JSON`, for the parsed value at a path of the last document;
//! - `# complete`: the manifests are complete;
//! - `# with: name`: the file `with/name.yaml` is added;
//! - `# bytes: crlf | bom | latin1`: the encoding of the text;
//! - `# file: path`: the following text is in a separate file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use meshsynth::World;
use meshsynth::diag::{Diagnostic, Severity};
use meshsynth_diff::day::Day;
use serde_json::Value;

use super::{Exceptions, Found, Passed, Source, Taken, judge};
use crate::yaml;

const CASE: &str = "# case: ";

/// Rules that `check` cannot report, with reasons.
const NOT_IN_MANIFESTS: &[(&str, &str)] = &[
    ("MS0210", "`istioctl` reads an IstioOperator, so `check` omits it"),
    ("MS0436", "only the definition of the cluster contains its classes"),
    ("MS0448", "only programs declare the deployment order"),
    ("MS0453", "only programs declare imports"),
    ("MS0820", "a Helm release is not a manifest; only an assembly contains releases"),
    ("MS0901", "a Helm release is not a manifest; only an assembly contains releases"),
    ("MS0910", "a Helm release is not a manifest; only an assembly contains releases"),
    ("MS0954", "the rule requires an MSK topic, which manifests do not define"),
    ("MS0959", "manifests do not show which controllers are installed in the cluster"),
];

/// A finding: whether it is a note, its code, and its construct and field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    is_note: bool,
    code: String,
    place: String,
}

impl Finding {
    /// Parses a finding of a case.
    fn read(text: &str, is_note: bool) -> Self {
        let (code, place) = text.split_once(' ').unwrap_or((text, ""));
        Self { is_note, code: code.to_owned(), place: place.to_owned() }
    }
}

struct Case {
    name: String,
    is_complete: bool,
    bytes: String,
    expected: Vec<Finding>,
    near: Vec<String>,
    reads: Vec<(String, Value)>,
    files: Vec<(String, String)>,
    with: Vec<(String, String)>,
}

impl Case {
    /// Returns the cases of a file.
    fn all(path: &str, text: &str) -> Vec<Self> {
        let mut cases: Vec<Self> = Vec::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix(CASE) {
                cases.push(Self::new(format!("{path}: {name}")));
            }
            let case = cases.last_mut().unwrap_or_else(|| panic!("{path} does not begin with `{CASE}`"));
            let is_told = case.told(line);
            assert!(is_told || !line.starts_with("# expect"), "{path}: {line}");
            match line.strip_prefix("# file: ") {
                Some(name) => case.files.push((name.to_owned(), String::new())),
                None => {
                    if case.files.is_empty() {
                        case.files.push(("case.yaml".to_owned(), String::new()));
                    }
                    let text = &mut case.files.last_mut().expect("there is one").1;
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        cases.iter_mut().for_each(|case| case.expected.sort());
        cases
    }

    fn new(name: String) -> Self {
        let (expected, near, reads) = (Vec::new(), Vec::new(), Vec::new());
        let (files, with) = (Vec::new(), Vec::new());
        Self { name, is_complete: false, bytes: String::new(), expected, near, reads, files, with }
    }

    /// Parses an expectation; returns whether the line is one.
    fn told(&mut self, line: &str) -> bool {
        let Some((word, rest)) = line.strip_prefix("# ").and_then(|line| line.split_once(": ")) else {
            self.is_complete |= line == "# complete";
            return line == "# complete";
        };
        match word {
            "expect" if rest == "clean" => {}
            "expect" => self.expected.push(Finding::read(rest, false)),
            "note" => self.expected.push(Finding::read(rest, true)),
            "with" => {
                let path = folder().join("with").join(format!("{rest}.yaml"));
                let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                self.with.push((format!("{rest}.yaml"), text));
            }
            "near" => self.near.push(rest.to_owned()),
            "bytes" => self.bytes = rest.to_owned(),
            "reads" => {
                let (path, value) = rest.split_once(" = ").unwrap_or_else(|| panic!("{}: {line}", self.name));
                let value = serde_json::from_str(value).unwrap_or_else(|error| panic!("{}: {error}", self.name));
                self.reads.push((path.to_owned(), value));
            }
            _ => return false,
        }
        true
    }

    fn sources(&self) -> Vec<Source> {
        let written = |text: &str| match self.bytes.as_str() {
            "crlf" => text.replace('\n', "\r\n").into_bytes(),
            "bom" => format!("\u{feff}{text}").into_bytes(),
            "latin1" => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
            _ => text.as_bytes().to_vec(),
        };
        let all = self.files.iter().map(|(name, text)| Source::new(name.clone(), written(text)));
        all.chain(self.with.iter().map(|(name, text)| Source::new(name.clone(), text.clone().into_bytes()))).collect()
    }

    /// Returns the findings of the case in the form of the comments.
    fn found(&self) -> Vec<Finding> {
        let taken = Taken {
            version: "1.36",
            namespace: "shop",
            cluster_per_folder: false,
            clusters: &[],
            namespaces: None,
            render: None,
        };
        let mut found = Found::of(self.sources(), &taken);
        let world = if self.is_complete { World::Closed } else { World::Open };
        let (mut diagnostics, _) = judge(&mut found, world, false);
        let mut exceptions: Exceptions = std::mem::take(&mut found.exceptions);
        let today = Day::parse("2026-11-22").expect("it is a day");
        Passed::default().by_comments(&mut diagnostics, &mut exceptions, today);
        let told = |it: &Diagnostic| {
            let or_none = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
            let field = or_none(it.field.as_deref().unwrap_or_default());
            let is_note = it.severity == Severity::Note;
            Finding { is_note, code: it.code.to_owned(), place: format!("{} {field}", or_none(&it.construct)) }
        };
        let mut told: Vec<Finding> = diagnostics.iter().map(told).collect();
        told.sort();
        told
    }

    /// Returns the `# reads:` expectations that are not met.
    fn wrong_reads(&self) -> Vec<String> {
        let sources = self.sources();
        let documents = yaml::documents(&sources[0].text).0;
        let data = documents.last().map(yaml::Marked::data).unwrap_or_default();
        let read = |path: &str| data.at(path).map(yaml::json).unwrap_or_default();
        let wrong = self.reads.iter().filter(|(path, value)| read(path) != *value);
        wrong.map(|(path, value)| format!("{path} is {} and not {value}", read(path))).collect()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn cases() -> Vec<Case> {
    let folder = folder();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let subjects = fs::read_dir(&folder).expect("the corpus is there").filter_map(|it| Some(it.ok()?.path()));
    for subject in subjects.filter(|path| path.is_dir() && !path.ends_with("with")) {
        for file in fs::read_dir(&subject).expect("a folder").filter_map(|it| Some(it.ok()?.path())) {
            let name = file.strip_prefix(&folder).expect("it is below").display().to_string();
            files.insert(name, fs::read_to_string(&file).expect("a case is text"));
        }
    }
    files.iter().flat_map(|(name, text)| Case::all(name, text)).collect()
}

#[test]
fn each_case_has_exactly_its_expected_findings() {
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let found = case.found();
        if found != case.expected {
            wrong.push(format!("{}\n  expected {:#?}\n  found {found:#?}", case.name, case.expected));
        }
        wrong.extend(case.wrong_reads().into_iter().map(|it| format!("{}\n  {it}", case.name)));
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 300, "{} cases", cases.len());
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
}

#[test]
fn each_rule_has_faulty_and_clean_case() {
    let cases = cases();
    let faulty: BTreeSet<&str> = cases.iter().flat_map(|case| &case.expected).map(|it| it.code.as_str()).collect();
    // Notes about missing objects do not make a case faulty.
    let is_clean = |case: &&Case| case.expected.iter().all(|it| it.is_note);
    let near: BTreeSet<&str> = cases.iter().filter(is_clean).flat_map(|case| &case.near).map(String::as_str).collect();
    let is_of_family = |module: &str| {
        ["istio", "kubernetes", "rollouts", "scaling"]
            .iter()
            .any(|family| module.starts_with(&format!("rules::{family}::")))
    };
    let mut lacking = Vec::new();
    for rule in meshsynth::rules::RULES.iter() {
        let has_excuse = NOT_IN_MANIFESTS.iter().any(|(code, _)| *code == rule.code);
        let is_raised = rule.raised_in().iter().any(|module| is_of_family(module));
        if is_raised && !has_excuse && !(faulty.contains(rule.code) && near.contains(rule.code)) {
            let has = |is: bool, what: &'static str| (!is).then_some(what);
            let lacks =
                [has(faulty.contains(rule.code), "a faulty case"), has(near.contains(rule.code), "a clean one")];
            lacking.push(format!("{} {}: {:?}", rule.code, rule.name, lacks.iter().flatten().collect::<Vec<_>>()));
        }
        assert!(!has_excuse || is_raised, "{} needs no reason", rule.code);
        assert!(!has_excuse || !faulty.contains(rule.code), "{} has a case, so it needs no reason", rule.code);
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
}
