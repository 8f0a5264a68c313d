//! Secrets that are known, taken out of everything that is told: AWS may say them again in an error.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::assembly::Assembly;
use crate::cloud::Secret;
use crate::event::Event;
use crate::failure::Failure;

/// What stands for a secret.
const MASKED: &str = "***";
/// A shorter text is a secret only where it stands by itself, and only where the template says that it is one.
const SHORT: usize = 4;
/// A part of a value that is shorter is not a secret by itself.
const PART: usize = 6;

/// What is never told.
#[derive(Clone, Default)]
pub(crate) struct Mask {
    /// The longest first, so that a part of one does not spoil the whole.
    texts: Vec<String>,
    /// Texts so short that they are masked where they stand by themselves.
    short: Vec<String>,
}

impl Mask {
    /// The values of parameters. One that the template does not call a secret, and that is the name of something we
    /// tell of, is not a secret.
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

    /// A text without secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut out = Cow::Borrowed(text);
        for secret in self.texts.iter().filter(|secret| text.contains(*secret)) {
            out = Cow::Owned(out.replace(secret, MASKED));
        }
        self.short.iter().fold(out.into_owned(), |text, secret| alone(&text, secret))
    }

    /// A failure without secrets.
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

    /// An error without secrets; a failure stays one.
    pub(crate) fn error(&self, error: anyhow::Error) -> anyhow::Error {
        match error.downcast_ref::<Failure>() {
            Some(failure) => self.failure(failure).into(),
            None if self.texts.is_empty() && self.short.is_empty() => error,
            None => anyhow::Error::msg(self.text(&format!("{error:#}"))),
        }
    }

    /// Something that happened, without secrets.
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

/// Whether a template says that a parameter is a secret.
fn is_no_echo(assembly: &Assembly, stack: &str, name: &str) -> bool {
    let template = assembly.stack(stack).and_then(|stack| assembly.document(&stack.template).ok());
    let says = template.map(|template| template["Parameters"][name]["NoEcho"].clone());
    says.is_some_and(|says| says == true || says == "true")
}

/// Whether a value is what we call something by, or a part of that.
fn is_name(assembly: &Assembly, value: &str) -> bool {
    let manifest = &assembly.manifest;
    let of_stacks = manifest.stacks.iter().flat_map(|it| {
        let resources = it.resources.iter().flat_map(|(id, it)| [id, &it.construct]);
        [&it.id, &it.name, &it.region].into_iter().chain(&it.account).chain(resources)
    });
    let of_clusters = manifest.clusters.iter().flat_map(|it| [&it.id, &it.name]);
    of_stacks.chain(of_clusters).chain([&manifest.app]).any(|name| name.contains(value))
}

/// A value, its lines, and what is in it where it is JSON: a service may say a part of it again.
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

/// A text as it may be written: as it is, in JSON, in XML, in a URL, in Base64, and quoted by Rust.
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

/// A text without a short secret, where that stands by itself.
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
    fn a_secret_is_masked_however_it_is_written() {
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
    fn parts_of_a_secret_are_masked_and_names_are_not() {
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
