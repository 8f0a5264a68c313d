//! Typed values for setters and `new`.

use meshsynth_model::val::{Bag, Data};

use super::{Code, Is, Writer, function};
use crate::bare_construct::is_custom;
use crate::tree::{Expr, Path};
use crate::types::{Kind, shown};

impl Writer<'_> {
    /// Writes data as a value of a type. A mismatch is wrapped in `intrinsic::untyped`.
    pub fn typed(&mut self, data: &Data, kind: &Kind) -> Code {
        if let Some((name, argument)) = function(data) {
            let code = self.function(name, argument);
            return match &code.is {
                Is::Value(given) if given != kind && !(*kind == Kind::Text && matches!(given, Kind::Id(_))) => {
                    untyped(code)
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
                let expr = Expr::call(format!("cfn::ids::{name}::new"), [Expr::text(text.to_string())]);
                Some(Code { expr, is: Is::Record(name.clone()) })
            }
            (Kind::Json, Data::Map(_) | Data::Text(_)) => Some(self.data(data)),
            (Kind::Named(path), Data::Text(text)) => self.types.variant(path, text).map(|variant| {
                let expr = Expr::Path(Path::from(shown(path)).then(variant));
                Code { expr, is: Is::Record(path.clone()) }
            }),
            (Kind::Named(path), Data::Map(bag)) => self.record(path, bag),
            (Kind::List(item), Data::List(items)) if !items.is_empty() => {
                let items: Vec<Code> = items.iter().map(|it| self.typed(it, item)).collect();
                Some(Self::array(items))
            }
            (Kind::Map(item), Data::Map(bag)) if !bag.is_empty() => self.map(bag, item),
            _ => None,
        };
        code.unwrap_or_else(|| untyped(self.data(data)))
    }

    /// Writes a resource with its setters. Returns `None` if its type is not in the library, or if required properties
    /// are missing.
    pub fn resource(&mut self, type_name: &str, props: &Bag) -> Option<Code> {
        let path = self.types.resource(type_name)?.path.clone();
        let own = is_custom(type_name).then(|| Expr::text(type_name));
        self.made(&path, own, props)
    }

    /// Writes a record with its setters, or returns `None` if required properties are missing.
    pub fn record(&mut self, path: &str, bag: &Bag) -> Option<Code> {
        self.made(path, None, bag)
    }

    /// Writes a record whose `new` has another parameter before the required ones.
    fn made(&mut self, path: &str, first: Option<Expr>, bag: &Bag) -> Option<Code> {
        let record = self.types.record(path)?;
        let required: Vec<(String, Kind)> =
            record.required.iter().map(|prop| (prop.key.clone(), prop.kind.clone())).collect();
        if !required.iter().all(|(key, _)| bag.get(key).is_some()) {
            return None;
        }
        let values = required.iter().filter_map(|(key, kind)| Some(self.typed(bag.get(key)?, kind).expr));
        let arguments: Vec<Expr> = first.into_iter().chain(values).collect();
        let mut expr = Expr::call(format!("{}::new", shown(path)), arguments);
        for (key, value) in bag.iter().filter(|(key, _)| !required.iter().any(|(known, _)| known == key)) {
            expr = self.set(expr, path, key, value);
        }
        Some(Code { expr, is: Is::Record(path.to_owned()) })
    }

    /// Adds a property to a record.
    fn set(&mut self, record: Expr, path: &str, key: &str, value: &Data) -> Expr {
        let prop = self.types.record(path).and_then(|record| record.prop(key));
        match prop.map(|prop| (prop.field.clone(), prop.kind.clone())) {
            Some((field, kind)) => record.method(&field, [self.typed(value, &kind).expr]),
            None => record.method("raw", [Expr::text(key), self.data(value).expr]),
        }
    }

    /// Writes a map as an array of pairs, or returns `None` if its values have different types.
    fn map(&mut self, bag: &Bag, item: &Kind) -> Option<Code> {
        let entries: Vec<(Expr, Code)> =
            bag.iter().map(|(key, value)| (Expr::text(key), self.typed(value, item))).collect();
        if !entries.windows(2).all(|pair| pair[0].1.is == pair[1].1.is) {
            return None;
        }
        let rows = entries.into_iter().map(|(key, value)| Expr::Tuple(vec![key, value.expr])).collect();
        Some(Code { expr: Expr::Array(rows), is: Is::Literal("array") })
    }
}

fn untyped(code: Code) -> Code {
    match code.is {
        Is::Intrinsic | Is::Variable => code,
        _ => Code { expr: Expr::intrinsic("untyped", [code.expr]), is: Is::Intrinsic },
    }
}
