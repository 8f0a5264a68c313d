//! Evaluation of intrinsic functions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::addresses;
use crate::environment::{Environment, Open, Piece};
use crate::evaluator::{Evaluator, Mode};
use crate::syntax::scalar;

impl<E: Environment> Evaluator<'_, E> {
    /// Returns the value of a function as far as it is known, or `None` for `AWS::NoValue`.
    pub(crate) fn function(&self, name: &str, argument: &Value, depth: usize) -> Option<Value> {
        match name {
            "Ref" => match argument.as_str() {
                Some(name) => self.named(name),
                None => Some(self.environment.open(Open::Function(name, argument.clone()))),
            },
            "Fn::GetAtt" => Some(self.attribute(argument)),
            "Fn::If" => self.choice(argument, depth),
            "Fn::FindInMap" => self.mapped(argument, depth),
            "Fn::Sub" => Some(self.substituted(argument, depth)),
            _ => {
                let argument = self.value(argument, depth).unwrap_or_default();
                let open = || self.environment.open(Open::Function(name, argument.clone()));
                Some(self.folded(name, &argument, depth).unwrap_or_else(open))
            }
        }
    }

    /// Returns the value of a function whose argument is evaluated, or `None` if it is open.
    fn folded(&self, name: &str, argument: &Value, depth: usize) -> Option<Value> {
        let is_open = |value: &Value| self.environment.is_open(value);
        if let Some(value) = self.environment.fold(name, argument) {
            return Some(value);
        }
        match name {
            "Fn::ImportValue" | "Fn::GetStackOutput" => return self.environment.output(name, argument, depth),
            // The items of a list can be open. An open text can contain the delimiter.
            "Fn::Select" if argument.get(1).is_some_and(Value::is_array) => {
                return selected(argument);
            }
            "Fn::GetAZs" => {
                let region = argument.as_str()?;
                let own = || scalar(&self.deciding().named("AWS::Region")?);
                let region = if region.is_empty() { own()? } else { region.to_owned() };
                return if is_open(&region.as_str().into()) { None } else { self.environment.zones(&region) }
                    .map(|zones| zones.into_iter().map(Value::from).collect());
            }
            _ => {}
        }
        if is_open(argument) {
            return None;
        }
        match name {
            "Fn::Join" => joined(argument),
            "Fn::Split" => split(argument),
            "Fn::Length" => argument.as_array().map(|items| items.len().into()),
            "Fn::Cidr" => {
                let number = |idx: usize| argument.get(idx).and_then(scalar)?.parse::<u32>().ok();
                let bits = if argument.get(2).is_some() { number(2)? } else { 8 };
                let blocks = addresses::subnets(argument.get(0)?.as_str()?, number(1)?, bits)?;
                Some(blocks.into_iter().map(Value::from).collect())
            }
            "Fn::Base64" if self.mode == Mode::Decide => Some(STANDARD.encode(scalar(argument)?).into()),
            "Fn::ToJsonString" if self.mode == Mode::Decide => Some(argument.to_string().into()),
            _ => None,
        }
    }

    fn attribute(&self, argument: &Value) -> Value {
        let (id, attribute) = match argument {
            Value::String(text) => text.split_once('.').unwrap_or((text, "")),
            parts => (parts[0].as_str().unwrap_or_default(), parts[1].as_str().unwrap_or_default()),
        };
        self.environment.open(Open::Attribute { id, attribute, argument })
    }

    fn choice(&self, argument: &Value, depth: usize) -> Option<Value> {
        let branch = |idx: usize| self.value(argument.get(idx)?, depth);
        let Some(condition) = argument[0].as_str() else {
            return Some(self.environment.open(Open::Function("Fn::If", argument.clone())));
        };
        match self.named_condition(condition, depth) {
            Some(true) => branch(1),
            Some(false) => branch(2),
            None => {
                let branches = [branch(1), branch(2)];
                if branches[0] == branches[1] {
                    let [same, _] = branches;
                    return same;
                }
                Some(self.environment.open(Open::Choice { condition, branches }))
            }
        }
    }

    fn mapped(&self, argument: &Value, depth: usize) -> Option<Value> {
        let deciding = self.deciding();
        let key = |idx: usize| {
            let key = deciding.value(argument.get(idx)?, depth)?;
            (!self.environment.is_open(&key)).then(|| scalar(&key)).flatten()
        };
        let open = || Some(self.environment.open(Open::Function("Fn::FindInMap", argument.clone())));
        let (Some(map), Some(first), Some(second)) = (key(0), key(1), key(2)) else { return open() };
        match self.template.mapped(&map, &first, &second) {
            Some(value) => Some(value.clone()),
            None => match argument.get(3).and_then(|it| it.get("DefaultValue")) {
                Some(default) => self.value(default, depth),
                None => open(),
            },
        }
    }

    fn substituted(&self, argument: &Value, depth: usize) -> Value {
        let Some(text) = argument.as_str().or_else(|| argument[0].as_str()) else {
            return self.environment.open(Open::Function("Fn::Sub", argument.clone()));
        };
        let (mut pieces, mut rest, mut is_known) = (Vec::new(), text, true);
        while let Some((before, (name, after))) = rest.split_once("${").and_then(|(a, b)| Some((a, b.split_once('}')?)))
        {
            pieces.push(Piece::Text(before));
            rest = after;
            if let Some(name) = name.strip_prefix('!') {
                pieces.push(Piece::Escaped(name));
                continue;
            }
            let own = argument[1].get(name);
            let value = match (own, name.split_once('.')) {
                (Some(own), _) => self.value(own, depth),
                (None, Some((id, attribute))) => {
                    let argument = name.into();
                    Some(self.environment.open(Open::Attribute { id, attribute, argument: &argument }))
                }
                (None, None) => self.named(name),
            };
            // `AWS::NoValue` is an empty text.
            let value = value.unwrap_or_else(|| "".into());
            is_known &= scalar(&value).is_some() && !self.environment.is_open(&value);
            pieces.push(Piece::Variable { name, value, is_own: own.is_some() });
        }
        pieces.push(Piece::Text(rest));
        if !is_known {
            return self.environment.text(pieces);
        }
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Escaped(name) => out.push_str(&format!("${{{name}}}")),
                Piece::Variable { value, .. } => out.push_str(&scalar(&value).unwrap_or_default()),
            }
        }
        out.into()
    }
}

fn joined(argument: &Value) -> Option<Value> {
    let items: Vec<String> = argument.get(1)?.as_array()?.iter().map(scalar).collect::<Option<_>>()?;
    Some(items.join(argument.get(0)?.as_str()?).into())
}

fn selected(argument: &Value) -> Option<Value> {
    let index: usize = scalar(argument.get(0)?)?.parse().ok()?;
    argument.get(1)?.as_array()?.get(index).cloned()
}

fn split(argument: &Value) -> Option<Value> {
    let between = argument.get(0)?.as_str().filter(|between| !between.is_empty())?;
    Some(argument.get(1)?.as_str()?.split(between).collect())
}
