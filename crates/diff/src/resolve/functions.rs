//! Evaluation of intrinsic functions with known arguments.

use serde_json::{Value, json};

use super::{Scope, text};

impl Scope<'_> {
    /// Returns the result of a function, or the function with resolved arguments. Returns `None` for `AWS::NoValue`.
    pub fn function(self, name: &str, inner: &Value) -> Option<Value> {
        match name {
            "Ref" => self.reference(inner.as_str().unwrap_or_default()),
            // These functions contain names, and no parameters.
            "Condition" | "Fn::GetAtt" => Some(json!({ name: inner })),
            "Fn::If" => self.choice(inner),
            "Fn::FindInMap" => Some(self.mapped(inner).unwrap_or_else(|| json!({ name: inner }))),
            "Fn::Sub" => Some(self.substituted(inner)),
            _ => {
                let inner = self.value(inner)?;
                let folded = match name {
                    "Fn::Join" => joined(&inner),
                    "Fn::Select" => selected(&inner),
                    "Fn::Split" => split(&inner),
                    "Fn::Length" => inner.as_array().map(|items| items.len().into()),
                    _ => None,
                };
                Some(folded.unwrap_or_else(|| json!({ name: inner })))
            }
        }
    }

    fn choice(self, inner: &Value) -> Option<Value> {
        let branch = |idx: usize| self.value(inner.get(idx)?);
        match inner[0].as_str().and_then(|name| self.condition(name)) {
            Some(true) => branch(1),
            Some(false) => branch(2),
            None => {
                let or_nothing = |idx: usize| branch(idx).unwrap_or_else(|| json!({ "Ref": "AWS::NoValue" }));
                Some(json!({ "Fn::If": [inner[0], or_nothing(1), or_nothing(2)] }))
            }
        }
    }

    fn mapped(self, inner: &Value) -> Option<Value> {
        let key = |idx: usize| text(&self.known(inner.get(idx)?)?);
        let found = key(0).zip(key(1)).zip(key(2)).map(|((map, one), two)| self.raw["Mappings"][map][one].get(two));
        match found? {
            Some(value) => Some(value.clone()),
            None => self.value(inner.get(3)?.get("DefaultValue")?),
        }
    }

    /// Substitutes parameter values. Returns plain text if no variable remains.
    fn substituted(self, inner: &Value) -> Value {
        let Some(template) = inner.as_str().or_else(|| inner[0].as_str()) else { return json!({ "Fn::Sub": inner }) };
        let mut variables = inner[1].as_object().cloned().unwrap_or_default();
        for value in variables.values_mut() {
            *value = self.value(value).unwrap_or_default();
        }
        let (mut out, mut rest, mut is_open) = (String::new(), template, false);
        while let Some((before, (name, after))) = rest.split_once("${").and_then(|(a, b)| Some((a, b.split_once('}')?)))
        {
            out.push_str(before);
            let known = match variables.get(name) {
                Some(value) => text(value),
                None => self.parameter(name).as_ref().and_then(text),
            };
            match known {
                Some(text) if !name.starts_with('!') => {
                    out.push_str(&text);
                    variables.remove(name);
                }
                _ => {
                    is_open = true;
                    out.push_str(&format!("${{{name}}}"));
                }
            }
            rest = after;
        }
        out.push_str(rest);
        match (is_open, variables.is_empty()) {
            (false, _) => out.into(),
            (true, true) => json!({ "Fn::Sub": out }),
            (true, false) => json!({ "Fn::Sub": [out, variables] }),
        }
    }
}

fn joined(inner: &Value) -> Option<Value> {
    let items: Vec<String> = inner.get(1)?.as_array()?.iter().map(text).collect::<Option<_>>()?;
    Some(items.join(inner.get(0)?.as_str()?).into())
}

fn selected(inner: &Value) -> Option<Value> {
    let place: usize = text(inner.get(0)?)?.parse().ok()?;
    inner.get(1)?.as_array()?.get(place).cloned()
}

fn split(inner: &Value) -> Option<Value> {
    let between = inner.get(0)?.as_str().filter(|between| !between.is_empty())?;
    Some(inner.get(1)?.as_str()?.split(between).collect())
}
