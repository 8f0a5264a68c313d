//! Removes known secrets from all output, because AWS can repeat them in error messages.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::assembly::Assembly;
use crate::cloud::Secret;
use crate::event::Event;
use crate::failure::Failure;

/// The replacement for a secret.
const MASKED: &str = "***";
/// The length below which a text is masked only as a separate word, and only if the template declares it as a secret.
const SHORT: usize = 4;
/// The length below which a part of a value is not masked.
const PART: usize = 6;

/// The texts to mask.
#[derive(Clone, Default)]
pub(crate) struct Mask {
    /// Sorted by length, longest first, so that the mask of a part does not split a longer secret.
    texts: Vec<String>,
    /// Short texts, which are masked only as separate words.
    short: Vec<String>,
}

impl Mask {
    /// Creates a mask for the parameter values. Values that are also names in the assembly are not masked, unless the
    /// template declares them as secrets.
    pub(crate) fn new(assembly: &Assembly, parameters: &BTreeMap<(String, String), Secret>) -> Self {
        let (mut texts, mut short) = (BTreeSet::new(), BTreeSet::new());
        for ((stack, name), Secret(value)) in parameters {
            let is_declared = is_no_echo(assembly, stack, name);
            if value.trim().is_empty() || !is_declared && (value.len() < PART || is_name(assembly, value)) {
                continue;
            }
            if value.len() < SHORT {
                short.insert(value.clone());
                continue;
            }
            for part in parts(value) {
                texts.extend(forms(&part));
            }
        }
        let mut texts: Vec<String> = texts.into_iter().collect();
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self { texts, short: short.into_iter().collect() }
    }

    /// Masks secrets in a text.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut out = Cow::Borrowed(text);
        for secret in self.texts.iter().filter(|secret| text.contains(*secret)) {
            out = Cow::Owned(out.replace(secret, MASKED));
        }
        self.short.iter().fold(out.into_owned(), |text, secret| alone(&text, secret))
    }

    /// Masks secrets in a failure.
    pub(crate) fn failure(&self, failure: &Failure) -> Failure {
        Failure {
            text: self.text(&failure.text),
            source: failure.source.clone(),
            construct: failure.construct.clone(),
            cause: self.text(&failure.cause),
            notes: failure.notes.iter().map(|note| self.text(note)).collect(),
            help: self.text(&failure.help),
            kind: failure.kind,
        }
    }

    /// Masks secrets in an error. A failure remains a failure.
    pub(crate) fn error(&self, error: anyhow::Error) -> anyhow::Error {
        match error.downcast_ref::<Failure>() {
            Some(failure) => self.failure(failure).into(),
            None if self.texts.is_empty() && self.short.is_empty() => error,
            None => anyhow::Error::msg(self.text(&format!("{error:#}"))),
        }
    }

    /// Masks secrets in an event.
    pub(crate) fn event(&self, event: &Event) -> Event {
        let mut event = event.clone();
        match &mut event {
            Event::Doing { text, .. } | Event::Note { text, .. } | Event::Done { text, .. } => *text = self.text(text),
            Event::Reached { name, reason, .. } | Event::Waiting { name, reason, .. } => {
                (*name, *reason) = (self.text(name), self.text(reason))
            }
            Event::Failed { failure, .. } => *failure = self.failure(failure),
            Event::Skipped { because, .. } => *because = self.text(because),
            Event::TakesOver { name, notes, back, .. } => {
                (*name, *back) = (self.text(name), self.text(back));
                notes.iter_mut().for_each(|note| *note = self.text(note));
            }
            Event::Changes { changes, ways, .. } => {
                for way in ways {
                    way.text = self.text(&way.text);
                    way.why.iter_mut().for_each(|line| *line = self.text(line));
                }
                for change in changes {
                    change.properties.iter_mut().for_each(|path| *path = self.text(path));
                }
            }
            Event::Began { .. } => {}
        }
        event
    }
}

/// Whether the template declares a parameter as `NoEcho`.
fn is_no_echo(assembly: &Assembly, stack: &str, name: &str) -> bool {
    let template = assembly.stack(stack).and_then(|stack| assembly.document(&stack.template).ok());
    let says = template.map(|template| template["Parameters"][name]["NoEcho"].clone());
    says.is_some_and(|says| says == true || says == "true")
}

/// Whether a value is a name in the assembly, or a part of one.
fn is_name(assembly: &Assembly, value: &str) -> bool {
    let manifest = &assembly.manifest;
    let of_stacks = manifest.stacks.iter().flat_map(|it| {
        let resources = it.resources.iter().flat_map(|(id, it)| [id, &it.construct]);
        [&it.id, &it.name, &it.region].into_iter().chain(&it.account).chain(resources)
    });
    let of_clusters = manifest.clusters.iter().flat_map(|it| [&it.id, &it.name]);
    of_stacks.chain(of_clusters).chain([&manifest.app]).any(|name| name.contains(value))
}

/// Returns a value, its lines, and its parts if it is JSON. An error message can contain a part of the value.
fn parts(value: &str) -> Vec<String> {
    let mut parts = vec![value.to_owned()];
    parts.extend(value.lines().map(|line| line.trim().to_owned()));
    if let Ok(json) = serde_json::from_str::<Value>(value) {
        strings(&json, &mut parts);
    }
    parts.retain(|part| part == value || part.len() >= PART);
    parts
}

fn strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        Value::Object(fields) => fields.values().for_each(|item| strings(item, out)),
        _ => {}
    }
}

/// Returns the encodings of a text: plain, JSON, XML, URL, Base64, and Rust debug format.
fn forms(text: &str) -> Vec<String> {
    let inner = |text: String| text[1..text.len() - 1].to_owned();
    let json = inner(Value::String(text.to_owned()).to_string());
    let twice = inner(Value::String(json.clone()).to_string());
    let xml = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let encoded = |keep: &[u8], lower: bool| -> String {
        let byte = |byte: u8| match byte {
            _ if byte.is_ascii_alphanumeric() || keep.contains(&byte) => char::from(byte).to_string(),
            _ if lower => format!("%{byte:02x}"),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(byte).collect()
    };
    let (url, lower, loose) = (encoded(b"-._~", false), encoded(b"-._~", true), encoded(b"-._~!*'()/:@", false));
    vec![
        text.to_owned(),
        text.trim().to_owned(),
        json.replace('/', "\\/"),
        json,
        twice,
        xml.replace('"', "&quot;").replace('\'', "&#39;"),
        xml.replace('"', "&quot;").replace('\'', "&apos;"),
        xml,
        url.replace("%20", "+"),
        url,
        lower,
        loose,
        inner(format!("{text:?}")),
        STANDARD.encode(text),
    ]
}

/// Masks a short secret if it is a separate word.
fn alone(text: &str, secret: &str) -> String {
    let is_part = |it: char| it.is_alphanumeric() || it == '-' || it == '_' || it == '.';
    let (mut out, mut from) = (String::new(), 0);
    for (at, found) in text.match_indices(secret) {
        let end = at + found.len();
        if !text[..at].ends_with(is_part) && !text[end..].starts_with(is_part) {
            out += &text[from..at];
            out += MASKED;
            from = end;
        }
    }
    out + &text[from..]
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;

    fn mask(value: &str, is_declared: bool) -> Mask {
        let template = json!({ "Parameters": { "Word": { "Type": "String", "NoEcho": is_declared } } }).to_string();
        let manifest = json!({
            "app": "shop-staging", "clusters": [], "files": ["a.template.json"],
            "stacks": [{ "id": "data", "name": "shop-data", "region": "eu-west-1", "template": "a.template.json", "resources": {} }]
        });
        let assembly = Assembly {
            folder: PathBuf::new(),
            manifest: serde_json::from_value(manifest).unwrap(),
            files: [("a.template.json".to_owned(), template)].into(),
            bindings: BTreeMap::new(),
        };
        let parameters = [(("data".to_owned(), "Word".to_owned()), Secret(value.to_owned()))].into();
        Mask::new(&assembly, &parameters)
    }

    #[test]
    fn masks_secrets_in_all_encodings() {
        let secret = "p&ss \"w/rd\\<1>é";
        let mask = mask(secret, true);
        let json = json!({ "value": secret }).to_string();
        let texts = [
            format!("x{secret}y"),
            json.clone(),
            json!({ "body": json }).to_string(),
            format!("{secret:?}"),
            "p%26ss%20%22w%2Frd%5C%3C1%3E%C3%A9".to_owned(),
            "p%26ss+%22w%2Frd%5C%3C1%3E%C3%A9".to_owned(),
            "p%26ss%20%22w%2frd%5c%3c1%3e%c3%a9".to_owned(),
            "<Message>p&amp;ss \"w/rd\\&lt;1&gt;é</Message>".to_owned(),
        ];
        for text in texts {
            let masked = mask.text(&text);
            assert!(masked.contains(MASKED), "{masked}");
            for left in ["w/rd", "w%2", "p%26", "p&"] {
                assert!(!masked.contains(left), "{masked}");
            }
        }
    }

    #[test]
    fn masks_parts_of_secrets_but_not_names() {
        let pem = mask("-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n", true);
        assert_eq!(pem.text("`MIIEvQIBADANBg` is not a key"), "`***` is not a key");
        let json = mask(r#"{"user": "ann", "password": "hunter2"}"#, true);
        assert_eq!(json.text("hunter2 is too short for ann"), "*** is too short for ann");
        assert_eq!(mask("42", true).text("42 of x42 and 42.5: (42)"), "*** of x42 and 42.5: (***)");
        assert_eq!(mask("staging", false).text("stack `shop-staging`"), "stack `shop-staging`");
        assert_eq!(mask("staging", true).text("stack `shop-staging`"), "stack `shop-***`");
        assert_eq!(mask("hunter2", false).text("ahunter2b"), "a***b");
    }
}
