//! Data without a type of its own: bags, lists, functions.

use meshsynth_types::facts;
use meshsynth_types::val::{Bag, Data};

use super::{Code, Is, Named, Writer, attribute, function, literal};
use crate::around::Alone;
use crate::either::either;
use crate::types::Kind;

impl Writer<'_> {
    /// Data as an expression that becomes `Data`.
    pub fn data(&mut self, data: &Data) -> Code {
        let literal = |text: String, name| Code { text, is: Is::Literal(name) };
        if let Some((name, argument)) = function(data) {
            return self.function(name, argument);
        }
        match data {
            Data::Bool(value) => literal(value.to_string(), "bool"),
            Data::Int(value) => {
                literal(literal::int(*value), if i32::try_from(*value).is_ok() { "i32" } else { "i64" })
            }
            Data::Float(value) => literal(literal::float(*value), "f64"),
            Data::Text(text) => literal(literal::text(text), "&str"),
            Data::List(items) => self.list(items),
            Data::Map(bag) => self.bag(bag),
            Data::Null | Data::Deferred(_) | Data::Secret(_) => literal("Data::Null".to_owned(), "Data"),
        }
    }

    /// A map: properties in their order.
    pub fn bag(&mut self, bag: &Bag) -> Code {
        let entries: Vec<String> =
            bag.iter().map(|(key, value)| format!("({}, {})", literal::text(key), self.data(value).text)).collect();
        let text = match entries.is_empty() {
            true => "Bag::default()".to_owned(),
            false => format!("map![{}]", entries.join(", ")),
        };
        Code { text, is: Is::Literal("Bag") }
    }

    /// A list: an array where its items are of one kind.
    pub fn list(&mut self, items: &[Data]) -> Code {
        let items: Vec<Code> = items.iter().map(|item| self.data(item)).collect();
        Self::array(&items)
    }

    pub(super) fn array(items: &[Code]) -> Code {
        let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        let is_one = items.windows(2).all(|pair| pair[0].is == pair[1].is);
        // An array in an array has a length of its own.
        let is_plain = items.first().is_some_and(|first| first.is != Is::Literal("array"));
        match is_one && is_plain {
            true => Code { text: format!("[{}]", texts.join(", ")), is: Is::Literal("array") },
            false => Code { text: format!("list![{}]", texts.join(", ")), is: Is::Intrinsic },
        }
    }

    /// A function of CloudFormation.
    pub(super) fn function(&mut self, name: &str, argument: &Data) -> Code {
        let items = argument.items();
        let text = match (name, argument, items) {
            ("Ref", Data::Text(id), _) => return self.reference(id),
            ("Fn::GetAtt", argument, _) => match attribute(argument) {
                Some((id, name)) => return self.attribute(id, &name, argument),
                None => return self.any(name, argument),
            },
            ("Fn::Sub", Data::Text(text), _) => match self.substitution(text) {
                Some(code) => return code,
                None => return self.any(name, argument),
            },
            ("Fn::Sub", _, [Data::Text(text), Data::Map(variables)]) => {
                let variables = self.bag(variables).text;
                format!("intrinsic::sub({}, {variables})", literal::text(text))
            }
            ("Fn::If", _, [Data::Text(condition), then, otherwise]) => {
                let (then, otherwise) = (self.data(then).text, self.data(otherwise).text);
                format!("intrinsic::if_({condition:?}, {then}, {otherwise})")
            }
            ("Fn::Equals", _, [one, other]) => self.call("equals", &[one, other]),
            ("Fn::Not", _, [one]) => match condition(one) {
                Some(id) => format!("intrinsic::not(intrinsic::condition({id:?}))"),
                None => self.call("not", &[one]),
            },
            ("Fn::And" | "Fn::Or", _, [_, ..]) => {
                let parts: Vec<String> = items.iter().map(|item| self.test(item)).collect();
                let name = name.trim_start_matches("Fn::").to_lowercase();
                format!("intrinsic::{name}(list![{}])", parts.join(", "))
            }
            ("Fn::FindInMap", _, [map, first, second]) => self.call("find_in_map", &[map, first, second]),
            ("Fn::Join", _, [Data::Text(separator), list]) => {
                let list = self.data(list).text;
                format!("intrinsic::join({}, {list})", literal::text(separator))
            }
            ("Fn::Split", _, [Data::Text(separator), text]) => {
                let of = self.data(text).text;
                format!("intrinsic::split({}, {of})", literal::text(separator))
            }
            ("Fn::Select", _, [index, list]) => self.call("select", &[index, list]),
            ("Fn::Cidr", _, [block, count, bits]) => self.call("cidr", &[block, count, bits]),
            ("Fn::Base64", of, _) => self.call("base64", &[of]),
            ("Fn::GetAZs", of, _) => self.call("get_azs", &[of]),
            ("Fn::ImportValue", of, _) => self.call("import_value", &[of]),
            _ => return self.any(name, argument),
        };
        Code { text, is: Is::Intrinsic }
    }

    /// A condition within a condition.
    pub fn test(&mut self, data: &Data) -> String {
        match condition(data) {
            Some(id) => format!("intrinsic::condition({id:?})"),
            None => self.data(data).text,
        }
    }

    fn call(&mut self, name: &str, arguments: &[&Data]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|it| self.data(it).text).collect();
        format!("intrinsic::{name}({})", arguments.join(", "))
    }

    fn any(&mut self, name: &str, argument: &Data) -> Code {
        let argument = self.data(argument).text;
        Code { text: format!("intrinsic::function({name:?}, {argument})"), is: Is::Intrinsic }
    }

    fn reference(&mut self, id: &str) -> Code {
        let pseudo = match id {
            "AWS::Region" => "region",
            "AWS::AccountId" => "account_id",
            "AWS::Partition" => "partition",
            "AWS::StackName" => "stack_name",
            "AWS::StackId" => "stack_id",
            "AWS::URLSuffix" => "url_suffix",
            "AWS::NoValue" => "no_value",
            _ => "",
        };
        if !pseudo.is_empty() {
            return Code { text: format!("intrinsic::{pseudo}()"), is: Is::Intrinsic };
        }
        match self.named.get(id).cloned() {
            Some(Named::Parameter(variable)) => {
                self.used.insert(variable.clone());
                Code { text: format!("&{variable}"), is: Is::Variable }
            }
            Some(Named::Resource(variable, type_name)) => {
                self.used.insert(variable.clone());
                let kind = self.types.resource(&type_name).and_then(|record| record.reference.clone());
                Code { text: format!("{variable}.reference()"), is: Is::Value(kind.unwrap_or(Kind::Text)) }
            }
            Some(Named::Construct(variable, construct)) => {
                let kind = self.types.resource(construct.type_name).and_then(|record| record.reference.clone());
                self.of_construct(&variable, construct, "Ref", "reference()", kind.unwrap_or(Kind::Text))
            }
            None => Code { text: format!("intrinsic::reference({id:?})"), is: Is::Intrinsic },
        }
    }

    fn attribute(&mut self, id: &str, name: &str, argument: &Data) -> Code {
        let by_id = |writer: &mut Self| match argument {
            Data::List(items) if items.len() == 2 => {
                let name = writer.data(&items[1]).text;
                Code { text: format!("intrinsic::get_att({id:?}, {name})"), is: Is::Intrinsic }
            }
            other => writer.any("Fn::GetAtt", other),
        };
        let (variable, type_name, construct) = match self.named.get(id).cloned() {
            Some(Named::Resource(variable, type_name)) => (variable, type_name, None),
            Some(Named::Construct(variable, construct)) => (variable, construct.type_name.to_owned(), Some(construct)),
            _ => return by_id(self),
        };
        let known = facts::cloudformation(&type_name).map(|facts| facts.has_attribute(name));
        if known == Some(false) {
            return by_id(self);
        }
        let (call, kind) = match self.types.resource(&type_name).and_then(|record| record.attribute(name)) {
            Some(prop) => (format!("{}()", prop.field), prop.kind.clone()),
            None => (format!("attr::<String>({name:?})"), Kind::Text),
        };
        match construct {
            Some(construct) => self.of_construct(&variable, construct, name, &call, kind),
            None => {
                self.used.insert(variable.clone());
                Code { text: format!("{variable}.{call}"), is: Is::Value(kind) }
            }
        }
    }

    /// What a resource has, by the method of the construct around it where that has one.
    fn of_construct(&mut self, variable: &str, construct: &Alone, name: &str, call: &str, kind: Kind) -> Code {
        self.used.insert(variable.to_owned());
        let elsewhere = format!("{variable}.{call}");
        let (here, kind) = match construct.values.iter().find(|(known, ..)| *known == name) {
            Some((_, method, is_text)) => (format!("{variable}.{method}()"), if *is_text { Kind::Text } else { kind }),
            None => (format!("{variable}.resource().{call}"), kind),
        };
        Code { text: either(variable, &here, &elsewhere), is: Is::Value(kind) }
    }

    /// `Fn::Sub` without variables of its own; none where `text!` would not write it so.
    fn substitution(&mut self, text: &str) -> Option<Code> {
        // A script stays in one piece.
        if text.trim_end().contains('\n') {
            return None;
        }
        let mut parts = Vec::new();
        let (mut rest, mut literal, mut n_values) = (text, String::new(), 0);
        while let Some(start) = rest.find("${") {
            let end = rest[start..].find('}')? + start;
            literal.push_str(&rest[..start]);
            let name = &rest[start + 2..end];
            rest = &rest[end + 1..];
            if let Some(name) = name.strip_prefix('!') {
                literal.push_str(&format!("${{{name}}}"));
                continue;
            }
            // A name within a name is one of a loop.
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '-' | '_');
            if name.is_empty() || !name.chars().all(is_name) {
                return None;
            }
            if !literal.is_empty() {
                parts.push(literal::text(&std::mem::take(&mut literal)));
            }
            let code = match name.split_once('.') {
                Some((id, attribute)) => {
                    let argument = Data::List(vec![Data::from(id), Data::from(attribute)]);
                    self.attribute(id, attribute, &argument)
                }
                None => self.reference(name),
            };
            if matches!(code.is, Is::Value(Kind::List(_))) {
                return None;
            }
            parts.push(code.text);
            n_values += 1;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(literal::text(&literal));
        }
        let is_mixed = n_values > 0 && parts.len() > 1;
        is_mixed.then(|| Code { text: format!("text![{}]", parts.join(", ")), is: Is::Value(Kind::Text) })
    }
}

/// The condition that `{"Condition": "IsProd"}` names.
fn condition(data: &Data) -> Option<&str> {
    data.as_map().filter(|bag| bag.len() == 1)?.get("Condition")?.as_str()
}
