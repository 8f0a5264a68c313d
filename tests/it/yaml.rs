//! Every YAML parser reads texts unchanged.

use std::fs;
use std::process::Command;

use meshsynth::testing::Platform;
use meshsynth::val::{Bag, Data};
use meshsynth::{Env, Object, Stack, Wave, aws, eks, kube};
use serde_json::{Value, json};

use crate::support::root;

/// Texts that some parser reads as another type if they are not quoted.
const TRICKY: &[&str] = &[
    "",
    " ",
    "  two",
    "trailing ",
    "\ttab",
    "tab\t",
    "a\tb",
    "\n",
    "\n\n",
    "a\n",
    "a\nb",
    "a\nb\n",
    "a\n\nb\n\n",
    " a\nb",
    "a\n b\n",
    "\ta\nb",
    "a\n\tb",
    "a \nb",
    "a\r\nb",
    "a\rb",
    "\u{7}",
    "a\u{0}b",
    "\u{1b}[0m",
    "\u{7f}",
    "\u{85}",
    "a\u{85}b",
    "\u{2028}",
    "a\u{2029}b",
    "\u{feff}",
    "a\u{feff}b",
    "\u{a0}",
    "é",
    "日本語",
    "🦀",
    "\u{fffd}",
    "null",
    "Null",
    "NULL",
    "~",
    "nul",
    "true",
    "True",
    "TRUE",
    "false",
    "False",
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "0",
    "1",
    "-1",
    "+1",
    "007",
    "0o7",
    "0x1F",
    "0b101",
    "1_000",
    "1,000",
    "1.0",
    "1.",
    ".5",
    "-.5",
    "+.5",
    "1e3",
    "1E3",
    "1e+3",
    "1.5e-3",
    "6.02e23",
    ".inf",
    "-.inf",
    ".Inf",
    ".nan",
    ".NaN",
    "inf",
    "nan",
    "Infinity",
    "12:34",
    "12:34:56",
    "190:20:30",
    "2026-11-21",
    "2026-11-21T10:00:00Z",
    "2026-11-21 10:00:00",
    "=",
    "<<",
    "<",
    "-",
    "--",
    "---",
    "--- a",
    "...",
    "- a",
    "-a",
    "? a",
    "?",
    ": a",
    ":",
    "a:",
    "a: b",
    "a:b",
    "#",
    "# a",
    "a #b",
    "a#b",
    "!",
    "!tag",
    "!!str",
    "&",
    "&anchor",
    "*",
    "*alias",
    "*.example.com",
    "@",
    "@a",
    "`a`",
    "%",
    "%YAML",
    "|",
    "|-",
    ">",
    ">+",
    "[",
    "]",
    "[a]",
    "[a, b]",
    "{",
    "}",
    "{a: b}",
    "{{ a }}",
    "${a}",
    ",",
    "a, b",
    "'",
    "''",
    "it's",
    "\"",
    "\"a\"",
    "a\"b",
    "\\",
    "\\n",
    "a\\",
    "'a",
    "\"a",
    "0644",
    "1e",
    "0x",
    "1.2.3.4",
    "10.0.0.0/16",
    "v1",
    "1m",
    "100Mi",
    "500m",
    "key: [a",
    "a\u{2003}b",
    "-----BEGIN CERTIFICATE-----\nabc\n",
];

/// An unknown kind, whose data is not checked.
struct Anything;

impl kube::Kind for Anything {
    const API_VERSION: &'static str = "example.com/v1";
    const KIND: &'static str = "Anything";
    const NAMESPACED: bool = false;
    const WAVE: Wave = Wave::Configuration;
}

/// Returns a platform with each text as a value, as a key, and as a list item.
fn platform(texts: &[String]) -> Platform {
    Platform::synth("app", |app| {
        let stack = Stack::new(app, "run", Env::new("111122223333", "ap-northeast-1"));
        let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
        let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
        let values: Bag = texts.iter().enumerate().map(|(idx, text)| (format!("v{idx}"), text.clone())).collect();
        let keys: Bag = texts.iter().map(|text| (text.clone(), "key")).collect();
        let items: Vec<String> = texts.to_vec();
        for (name, data) in [("values", Data::from(values)), ("keys", Data::from(keys)), ("items", Data::from(items))] {
            Object::<Anything>::define(&cluster, name, name, Bag::default().with("data", data));
        }
    })
}

fn wanted(texts: &[String]) -> Value {
    let values: serde_json::Map<String, Value> =
        texts.iter().enumerate().map(|(idx, text)| (format!("v{idx}"), json!(text))).collect();
    let keys: serde_json::Map<String, Value> = texts.iter().map(|text| (text.clone(), json!("key"))).collect();
    json!({ "values": values, "keys": keys, "items": texts })
}

/// Checks that every parser reads the texts: always ours, and PyYAML and kubectl if the test command provides them.
#[track_caller]
fn reads_back(case: &str, texts: &[String]) {
    let platform = platform(texts);
    let wanted = wanted(texts);
    let folder = root().join("target/yaml").join(case);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder is writable");
    for name in ["values", "keys", "items"] {
        let text = platform.manifest(&format!("anything-{name}"));
        let read: Value = serde_yaml::from_str(text).expect("our own reader reads it");
        assert_eq!(read["data"], wanted[name], "{case}: {name}");
        fs::write(folder.join(format!("{name}.yaml")), text).expect("the target folder is writable");
    }
    fs::write(folder.join("wanted.json"), wanted.to_string()).expect("the target folder is writable");
    let (Ok(python), Ok(kubectl)) = (std::env::var("MESHSYNTH_PYTHON"), std::env::var("MESHSYNTH_KUBECTL")) else {
        return;
    };
    let done = Command::new(python)
        .arg(root().join("tests/tools/read_yaml.py"))
        .args([folder.as_os_str(), kubectl.as_ref()])
        .output()
        .expect("the reader starts");
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn every_parser_returns_the_original_ambiguous_strings() {
    let texts: Vec<String> = TRICKY.iter().map(|text| (*text).to_owned()).collect();
    assert!(texts.len() >= 147);
    reads_back("tricky", &texts);
}

#[test]
fn every_parser_returns_the_original_random_strings() {
    let alphabet: Vec<char> =
        "ab01 \t\n\r:-#'\"\\{}[],&*!|>%@`?=<~._+$/eExo\u{85}\u{a0}\u{2028}\u{feff}é日🦀".chars().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut texts: Vec<String> =
        (0..3_000).map(|_| (0..=next(12)).map(|_| alphabet[next(alphabet.len())]).collect()).collect();
    texts.sort();
    texts.dedup();
    reads_back("random", &texts);
}
