//! Values of a type: what setters and `new` take.

use meshsynth_types::val::{Bag, Data};

use super::{Code, Is, Writer, function, literal};
use crate::types::Kind;

impl Writer<'_> {
    /// Data as a value of a type; what is not one is put in its place by `intrinsic::untyped`.
    pub fn typed(&mut self, data: &Data, kind: &Kind) -> Code {
        if let Some((name, argument)) = function(data) {
            let code = self.function(name, argument);
            return match &code.is {
                Is::Value(given) if given != kind && !(*kind == Kind::Text && matches!(given, Kind::Id(_))) => {
                    untyped(&code)
                }
                _ => code,
            };
        }
        let code = match (kind, data) {
            (Kind::Text, Data::Text(_))
            | (Kind::Bool, Data::Bool(_))
            | (Kind::Int, Data::Int(_))
            | (Kind::IntOrText, Data::Int(_) | Data::Text(_)) => Some(self.data(data)),
            (Kind::Float, Data::Float(_)) => Some(self.data(data)),
            (Kind::Float, Data::Int(value)) if i32::try_from(*value).is_ok() => Some(self.data(data)),
            (Kind::Id(name), Data::Text(text)) => {
                let text = format!("cfn::ids::{name}::new({})", literal::text(text));
                Some(Code { text, is: Is::Record(name.clone()) })
            }
            (Kind::Json, Data::Map(_) | Data::Text(_)) => Some(self.data(data)),
            (Kind::Named(path), Data::Text(text)) => self
                .types
                .variant(path, text)
                .map(|variant| Code { text: format!("{}::{variant}", shown(path)), is: Is::Record(path.clone()) }),
            (Kind::Named(path), Data::Map(bag)) => self.record(path, bag),
            (Kind::List(item), Data::List(items)) if !items.is_empty() => {
                let items: Vec<Code> = items.iter().map(|it| self.typed(it, item)).collect();
                Some(Self::array(&items))
            }
            (Kind::Map(item), Data::Map(bag)) if !bag.is_empty() => self.map(bag, item),
            _ => None,
        };
        code.unwrap_or_else(|| {
            let code = self.data(data);
            untyped(&code)
        })
    }

    /// A record with its setters; none where it lacks what its type requires.
    pub fn record(&mut self, path: &str, bag: &Bag) -> Option<Code> {
        let record = self.types.record(path)?;
        let required: Vec<(String, Kind)> =
            record.required.iter().map(|prop| (prop.key.clone(), prop.kind.clone())).collect();
        if !required.iter().all(|(key, _)| bag.get(key).is_some()) {
            return None;
        }
        let arguments: Vec<String> =
            required.iter().filter_map(|(key, kind)| Some(self.typed(bag.get(key)?, kind).text)).collect();
        let mut text = format!("{}::new({})", shown(path), arguments.join(", "));
        for (key, value) in bag.iter().filter(|(key, _)| !required.iter().any(|(known, _)| known == key)) {
            text.push_str(&self.setter(path, key, value));
        }
        Some(Code { text, is: Is::Record(path.to_owned()) })
    }

    /// The call that sets a property.
    fn setter(&mut self, path: &str, key: &str, value: &Data) -> String {
        let prop = self.types.record(path).and_then(|record| record.prop(key));
        match prop.map(|prop| (prop.field.clone(), prop.kind.clone())) {
            Some((field, kind)) => format!(".{field}({})", self.typed(value, &kind).text),
            None => format!(".raw({}, {})", literal::text(key), self.data(value).text),
        }
    }

    /// A map as an array of pairs; none where its values are of several kinds.
    fn map(&mut self, bag: &Bag, item: &Kind) -> Option<Code> {
        let entries: Vec<(String, Code)> =
            bag.iter().map(|(key, value)| (literal::text(key), self.typed(value, item))).collect();
        if !entries.windows(2).all(|pair| pair[0].1.is == pair[1].1.is) {
            return None;
        }
        let rows: Vec<String> = entries.iter().map(|(key, value)| format!("({key}, {})", value.text)).collect();
        Some(Code { text: format!("[{}]", rows.join(", ")), is: Is::Literal("array") })
    }
}

fn untyped(code: &Code) -> Code {
    match code.is {
        Is::Intrinsic | Is::Variable => code.clone(),
        _ => Code { text: format!("intrinsic::untyped({})", code.text), is: Is::Intrinsic },
    }
}

/// A path as the program names it: the main type of a file goes by its module.
pub fn shown(path: &str) -> String {
    let parts: Vec<&str> = path.split("::").collect();
    let short = match parts.as_slice() {
        [root, module, file, name] if crate::names::snake(name) == *file => format!("{root}::{module}::{name}"),
        _ => path.to_owned(),
    };
    match short.strip_prefix("services::") {
        Some(rest) => format!("meshsynth_services::{rest}"),
        None => short,
    }
}
