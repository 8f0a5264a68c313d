//! Readable names for references, independent of the function that refers (such as `Ref` or `Fn::ImportValue`).

use meshsynth_assembly::Stack;
use serde_json::Value;

use crate::side::{Side, construct};

/// The names in a stack.
pub(super) struct Names<'a> {
    pub side: &'a Side,
    pub stack: &'a Stack,
}

impl Names<'_> {
    /// Returns a value with its references as text, without `AWS::NoValue` entries.
    pub fn resolve(&self, value: &Value) -> Value {
        let is_none = |value: &Value| value["Ref"] == "AWS::NoValue";
        match value {
            Value::Object(map) if map.len() == 1 && map.keys().all(|key| key == "Ref" || key.starts_with("Fn::")) => {
                Value::String(self.text(value))
            }
            Value::Object(map) => {
                let rows = map.iter().filter(|(_, value)| !is_none(value));
                Value::Object(rows.map(|(key, value)| (key.clone(), self.resolve(value))).collect())
            }
            Value::Array(items) => items.iter().filter(|it| !is_none(it)).map(|it| self.resolve(it)).collect(),
            other => other.clone(),
        }
    }

    /// Returns the target of a reference, or the literal.
    pub fn thing(&self, value: &Value) -> String {
        thing(&self.text(value))
    }

    /// Returns a value as text. A reference becomes `${construct.Attribute}`; a literal is unchanged.
    pub fn text(&self, value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Object(map) if map.len() == 1 => match map.iter().next() {
                Some((key, inner)) => self.intrinsic(key, inner).unwrap_or_else(|| value.to_string()),
                None => value.to_string(),
            },
            Value::Array(items) => items.iter().map(|item| self.text(item)).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        }
    }

    fn intrinsic(&self, key: &str, inner: &Value) -> Option<String> {
        match key {
            "Ref" => self.variable(inner.as_str()?),
            "Fn::GetAtt" => match inner {
                Value::String(text) => self.variable(text),
                parts => self.variable(&format!("{}.{}", parts[0].as_str()?, parts[1].as_str()?)),
            },
            "Fn::ImportValue" => {
                let name = inner.as_str()?;
                match self.side.export(self.stack, name) {
                    Some((stack, _, value)) => Some(Names { side: self.side, stack }.text(value)),
                    None => Some(format!("${{{name}}}")),
                }
            }
            "Fn::Sub" => {
                let text = inner.as_str().or_else(|| inner[0].as_str())?;
                let mut out = String::new();
                let mut rest = text;
                while let Some(at) = rest.find("${") {
                    out.push_str(&rest[..at]);
                    let end = at + rest[at..].find('}')?;
                    let name = &rest[at + 2..end];
                    match inner[1].get(name) {
                        Some(value) => out.push_str(&self.text(value)),
                        None => out.push_str(&self.variable(name)?),
                    }
                    rest = &rest[end + 1..];
                }
                Some(out + rest)
            }
            "Fn::Join" => {
                let parts: Vec<String> = inner[1].as_array()?.iter().map(|part| self.text(part)).collect();
                Some(parts.join(inner[0].as_str()?))
            }
            // A URL without `https://` has the same name as the URL.
            "Fn::Select" if inner[1]["Fn::Split"][0] == "https://" => Some(self.text(&inner[1]["Fn::Split"][1])),
            "Fn::Select" | "Fn::Split" => {
                let items = inner.as_array()?;
                Some(items.iter().map(|item| self.text(item)).collect::<Vec<_>>().join(" of "))
            }
            _ => None,
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        if name.starts_with("AWS::") {
            return Some(format!("${{{name}}}"));
        }
        let (id, attribute) = name.split_once('.').unwrap_or((name, ""));
        let dot = if attribute.is_empty() { "" } else { "." };
        Some(format!("${{{}{dot}{attribute}}}", self.construct(id)))
    }

    /// Whether the stacks of the side have a resource with this path.
    pub fn has(&self, path: &str) -> bool {
        let has = |stack: &Stack| {
            let resources = self.side.template(stack)["Resources"].as_object();
            resources.into_iter().flatten().any(|(id, _)| construct(stack, id) == path)
        };
        has(self.stack) || self.side.manifest.stacks.iter().any(has)
    }

    /// Returns the path of a resource in the program.
    pub fn construct(&self, id: &str) -> String {
        construct(self.stack, id).to_owned()
    }
}

/// Returns the path of the resource that a reference names. Other text is unchanged.
pub(super) fn thing(text: &str) -> String {
    match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some(bare) if !bare.contains("${") && !bare.contains("::") => {
            bare.split_once('.').map_or(bare, |(path, _)| path).to_owned()
        }
        _ => text.to_owned(),
    }
}

/// Returns a short name for an ARN or a reference, without the account.
pub(super) fn short(text: &str) -> String {
    let text =
        text.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "*").replace("${AWS::Region}", "*");
    let inner = |text: &str| {
        let bare = text.strip_prefix("${")?.strip_suffix('}')?;
        (!bare.contains("${")).then(|| bare.trim_end_matches(".Arn").trim_end_matches(".GroupId").to_owned())
    };
    if let Some(bare) = inner(&text) {
        return bare;
    }
    match text.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", _, service, _, _, rest] => format!("{service} {rest}"),
        _ => text,
    }
}
