//! Compares both readers.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::plain;

/// Asserts that a document parsed by `plain` has the same value in the library. Returns whether `plain` parses it.
#[track_caller]
fn compare(text: &str) -> bool {
    let Some(value) = plain(text) else { return false };
    match serde_yaml::from_str::<Value>(text) {
        Ok(other) => assert_eq!(value, other, "{text}"),
        Err(error) => panic!("the library refuses it: {error}\n{text}"),
    }
    true
}

/// Returns every YAML file of the reference platforms, in order.
fn files() -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|it| it == "yaml") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots"), &mut paths);
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).expect("a text")).collect()
}

/// A pseudo-random number generator, with the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

#[test]
fn parses_reference_platforms_without_the_yaml_library() {
    let files = files();
    let n_read = files.iter().filter(|text| compare(text)).count();
    assert!(files.len() > 500, "{}", files.len());
    assert!(n_read * 100 >= files.len() * 90, "{n_read} of {}", files.len());
}

#[test]
fn parses_scalars_like_the_yaml_library() {
    let scalars = "a|a b|a: b|a:b|a #b|a#b|a:|:a|-|- a|-1|-01|0|00|07|1|12|1.5|1e3|0x1f|0o7|1_000|12:30|12:30:45|512Mi|100m|25%|\
        10.0.0.0/16|10.0.0.0|2024-01-02|2024-01-02T10:00:00Z|null|Null|~|true|True|yes|No|on|Off|y|N|nan|NaN|.nan|inf|.inf|\
        -.inf|Infinity|{}|[]|{ }|[ ]|[a]|{a: b}|\"\"|\"a\"|\"a\\\"b\"|\"a\\nb\"|\"a\\tb\"|\"a\" b|\"a|'a'|'a''b'|&a b|*a|!a b|!!str 1|\
        ?|? a|%a|@a|`a|>|>-|>- a|#a|,a|a,b|]a|}a|$|${a/B.C}|${a/B}:1.0.0|/a|(a)|;a|^a|\\a|a\\b|=|<<|999999999999999|9999999999999999|\
        18446744073709551615|18446744073709551616|1a|1d|1f|1e5|1E5|1e5d|12d4e5|481820d285766946|0b1d|0xd|0d1|1_0d|1.5d|1e+5|1e-5|1:2d|180deg|1rad|0b1|1T|1t|1s|1h|1.2.3|1-2|+1|..|...|---|--- a|a---|a...|| a|a |";
    let mut n_read = 0;
    for scalar in scalars.split('|').chain(["|", "|-", "|+", "|2"]) {
        for text in [
            format!("key: {scalar}\n"),
            format!("key: {scalar}\nnext: 1\n"),
            format!("key:\n- {scalar}\n- b\n"),
            format!("key:\n  - {scalar}\n"),
            format!("- {scalar}\n"),
            format!("{scalar}: 1\n"),
            format!("- {scalar}: 1\n  b: 2\n"),
            format!("{scalar}\n"),
            format!("key: {scalar}\n  more\n"),
            format!("key: {scalar}\n\n  more\n\nnext: |\n  a\n   b\n\n  # c\n\n# d\n"),
        ] {
            n_read += usize::from(compare(&text));
        }
    }
    assert!(n_read > 200, "{n_read}");
}

#[test]
fn parses_mutated_manifests_like_the_yaml_library() {
    const PIECES: [&str; 28] = [
        "-", "- ", " ", "  ", "\n", ":", ": ", "#", " #", "\"", "'", "|", "|-", ">", "{}", "[", "]", "&a ", "*a", "!",
        "~", "null", "0", "1e3", "\t", "\\", "<<", "é",
    ];
    let mut numbers = Numbers(1);
    let mut n_read = 0;
    for text in files().iter().filter(|text| text.len() < 3_000) {
        for _ in 0..12 {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            let at = numbers.below(lines.len());
            match numbers.below(6) {
                0 => drop(lines.remove(at)),
                1 => lines.swap(at, 0),
                2 => lines.insert(at, String::new()),
                3 => lines[at] = format!("  {}", lines[at]),
                4 => lines[at] = lines[at].strip_prefix("  ").unwrap_or(&lines[at]).to_owned(),
                _ => {
                    let piece = PIECES[numbers.below(PIECES.len())];
                    let places: Vec<usize> =
                        (0..=lines[at].len()).filter(|it| lines[at].is_char_boundary(*it)).collect();
                    lines[at].insert_str(places[numbers.below(places.len())], piece);
                }
            }
            n_read += usize::from(compare(&(lines.join("\n") + "\n")));
        }
    }
    assert!(n_read > 2_000, "{n_read}");
}
