//! Names in the program, derived from logical IDs and object names.

use std::collections::{BTreeMap, BTreeSet};

/// Words that are not allowed as variable names.
const TAKEN: &str = "abstract as async await become box break const continue crate do dyn else enum extern false final fn for \
    gen if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try type \
    typeof unsafe unsized use virtual where while yield cfn kube intrinsic meshsynth meshsynth_services";

/// Variables that every function has.
const VARIABLES: [&str; 3] = ["app", "stack", "cluster"];

/// Splits an identifier into words: `VPCGatewayAttachment2` becomes `vpc`, `gateway`, `attachment2`.
fn words(id: &str) -> Vec<String> {
    let chars: Vec<char> = id.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (idx, c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = idx.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(idx + 1);
        let is_lower = |c: &char| c.is_ascii_lowercase();
        let begins = c.is_ascii_uppercase()
            && (before.is_some_and(|it| it.is_ascii_lowercase())
                || before.is_some_and(|it| it.is_ascii_digit()) && after.is_some_and(is_lower)
                || before.is_some_and(|it| it.is_ascii_uppercase()) && after.is_some_and(is_lower));
        if begins || words.is_empty() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Removes the hash that the CDK appends to a logical ID.
pub fn readable(id: &str) -> &str {
    let cut = id.len().saturating_sub(8);
    let is_hash = id.is_char_boundary(cut)
        && cut > 0
        && id[cut..].chars().all(|c| c.is_ascii_digit() || matches!(c, 'A'..='F'))
        && id[cut..].chars().any(|c| c.is_ascii_digit());
    if is_hash { &id[..cut] } else { id }
}

/// Returns the name of a variable or module.
pub fn snake(id: &str) -> String {
    let name = words(readable(id)).join("_");
    match name.chars().next() {
        None => "it".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{name}"),
        _ => name,
    }
}

/// Returns the ID of a construct.
pub fn kebab(id: &str) -> String {
    let mut name = words(id).join("-");
    name.truncate(100);
    if name.is_empty() { "it".to_owned() } else { name.trim_end_matches('-').to_owned() }
}

/// Returns the name of a type.
pub fn pascal(id: &str) -> String {
    let capital = |word: &String| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_ascii_uppercase())
    };
    let name: String = words(id).iter().map(capital).collect();
    if name.chars().next().is_some_and(|first| first.is_ascii_alphabetic()) { name } else { format!("Kind{name}") }
}

/// A set of unique names.
#[derive(Default)]
pub struct Given {
    names: BTreeSet<String>,
    /// The next free number for each name.
    next: BTreeMap<String, usize>,
}

impl Given {
    /// Creates a set with the variables that every function has.
    pub fn variables() -> Self {
        Self { names: VARIABLES.iter().map(|name| (*name).to_owned()).collect(), next: BTreeMap::new() }
    }

    /// Creates a set with the variables of a function.
    pub fn of(names: BTreeSet<String>) -> Self {
        let mut given = Self::variables();
        given.names.extend(names);
        given
    }

    /// Returns the first free name, or the last one with a number. There must be a name.
    pub fn take_first(&mut self, names: impl Iterator<Item = String>) -> String {
        let mut last = String::new();
        for name in names {
            if !self.names.contains(&name) && !TAKEN.split_whitespace().any(|taken| taken == name) {
                return self.take(&name, "_");
            }
            last = name;
        }
        self.take(&last, "_")
    }

    /// Returns the name, with a number if it is already used or reserved.
    pub fn take(&mut self, name: &str, joint: &str) -> String {
        let is_taken = |name: &str| TAKEN.split_whitespace().any(|taken| taken == name);
        let next = self.next.entry(format!("{name}{joint}")).or_insert(1);
        loop {
            let number = *next;
            let candidate = match number {
                1 => name.to_owned(),
                _ => format!("{name}{joint}{number}"),
            };
            let is_word = joint == "_" && is_taken(&candidate);
            *next += 1;
            if !is_word && self.names.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_ids_become_variable_names() {
        for (id, name) in [
            ("VPC", "vpc"),
            ("VPCGatewayAttachment", "vpc_gateway_attachment"),
            ("PublicSubnet1A", "public_subnet1a"),
            ("S3Bucket", "s3_bucket"),
            ("WebsiteBucketF7BD9A3C", "website_bucket"),
            ("1st", "n1st"),
        ] {
            assert_eq!(snake(id), name);
        }
        let mut given = Given::default();
        assert_eq!(
            [given.take("type", "_"), given.take("vpc", "_"), given.take("vpc", "_")],
            ["type_2", "vpc", "vpc_2"]
        );
    }
}
