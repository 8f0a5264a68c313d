//! Untyped data: maps, lists and intrinsic functions.

use meshsynth_facts as facts;
use meshsynth_model::val::{Bag, Data};

use super::{Code, Is, Named, Writer, attribute, function};
use crate::bare_construct::{BareConstruct, NESTED_STACK, is_custom};
use crate::tree::{Expr, Literal};
use crate::types::Kind;

impl Writer<'_> {
    /// Writes data as an expression that converts to `Data`.
    pub fn data(&mut self, data: &Data) -> Code {
        let literal = |value: Literal| {
            let is = Is::Literal(value.type_name());
            Code { expr: Expr::Literal(value), is }
        };
        if let Some((name, argument)) = function(data) {
            return self.function(name, argument);
        }
        match data {
            Data::Bool(value) => literal(Literal::Bool(*value)),
            Data::Int(value) => literal(Literal::Int(*value)),
            Data::Float(value) => literal(Literal::Float(*value)),
            Data::Text(text) => literal(Literal::Text(text.to_string())),
            Data::List(items) => self.list(items),
            Data::Map(bag) => Code { expr: self.bag(bag), is: Is::Literal("Bag") },
            Data::Null | Data::Deferred(_) | Data::Secret(_) => {
                Code { expr: Expr::Path("Data::Null".into()), is: Is::Literal("Data") }
            }
        }
    }

    /// Writes a map with its properties in their order.
    pub fn bag(&mut self, bag: &Bag) -> Expr {
        if let Some(policy) = self.policy(bag) {
            return policy;
        }
        match bag.is_empty() {
            true => Expr::call("Bag::default", []),
            false => Expr::map(bag.iter().map(|(key, value)| (Expr::text(key), self.data(value).expr))),
        }
    }

    /// Writes a list, as an array if all items have the same type.
    pub fn list(&mut self, items: &[Data]) -> Code {
        let items: Vec<Code> = items.iter().map(|item| self.data(item)).collect();
        Self::array(items)
    }

    pub(super) fn array(items: Vec<Code>) -> Code {
        let is_one = items.windows(2).all(|pair| pair[0].is == pair[1].is);
        // Arrays of different lengths have different types.
        let is_plain = items.first().is_some_and(|first| first.is != Is::Literal("array"));
        let items = items.into_iter().map(|item| item.expr);
        match is_one && is_plain {
            true => Code { expr: Expr::Array(items.collect()), is: Is::Literal("array") },
            false => Code { expr: Expr::list(items), is: Is::Intrinsic },
        }
    }

    /// Writes an intrinsic function.
    pub(super) fn function(&mut self, name: &str, argument: &Data) -> Code {
        let items = argument.items();
        let expr = match (name, argument, items) {
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
                let variables = self.bag(variables);
                Expr::intrinsic("sub", [Expr::text(text.to_string()), variables])
            }
            ("Fn::If", _, [Data::Text(condition), then, otherwise]) => {
                let (then, otherwise) = (self.data(then).expr, self.data(otherwise).expr);
                Expr::intrinsic("if_", [Expr::text(condition.to_string()), then, otherwise])
            }
            ("Fn::Equals", _, [one, other]) => self.call("equals", &[one, other]),
            ("Fn::Not", _, [one]) => Expr::intrinsic("not", [self.test(one)]),
            ("Fn::And" | "Fn::Or", _, [_, ..]) => {
                let parts: Vec<Expr> = items.iter().map(|item| self.test(item)).collect();
                let name = name.trim_start_matches("Fn::").to_lowercase();
                Expr::intrinsic(&name, [Expr::list(parts)])
            }
            ("Fn::FindInMap", _, [map, first, second]) => self.call("find_in_map", &[map, first, second]),
            ("Fn::Join", _, [Data::Text(separator), list]) => {
                Expr::intrinsic("join", [Expr::text(separator.to_string()), self.data(list).expr])
            }
            ("Fn::Split", _, [Data::Text(separator), text]) => {
                Expr::intrinsic("split", [Expr::text(separator.to_string()), self.data(text).expr])
            }
            ("Fn::Select", _, [index, list]) => self.call("select", &[index, list]),
            ("Fn::Cidr", _, [block, count, bits]) => self.call("cidr", &[block, count, bits]),
            ("Fn::Base64", of, _) => self.call("base64", &[of]),
            ("Fn::GetAZs", of, _) => self.call("get_azs", &[of]),
            ("Fn::ImportValue", of, _) => self.call("import_value", &[of]),
            _ => return self.any(name, argument),
        };
        Code { expr, is: Is::Intrinsic }
    }

    /// Writes a condition inside another condition.
    pub fn test(&mut self, data: &Data) -> Expr {
        match condition(data) {
            Some(id) => Expr::intrinsic("condition", [Expr::text(id)]),
            None => self.data(data).expr,
        }
    }

    fn call(&mut self, name: &str, arguments: &[&Data]) -> Expr {
        Expr::intrinsic(name, arguments.iter().map(|it| self.data(it).expr))
    }

    fn any(&mut self, name: &str, argument: &Data) -> Code {
        let arguments = [Expr::text(name), self.data(argument).expr];
        Code { expr: Expr::intrinsic("function", arguments), is: Is::Intrinsic }
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
            return Code { expr: Expr::intrinsic(pseudo, []), is: Is::Intrinsic };
        }
        match self.named.get(id).cloned() {
            Some(Named::Parameter(variable)) => Code { expr: Expr::Variable(variable).borrowed(), is: Is::Variable },
            Some(Named::Resource(variable, type_name)) => {
                let kind = self.types.resource(&type_name).and_then(|record| record.reference.clone());
                let expr = Expr::Variable(variable).method("reference", []);
                Code { expr, is: Is::Value(kind.unwrap_or(Kind::Text)) }
            }
            Some(Named::Construct(variable, construct)) => {
                let kind = self.types.resource(construct.type_name()).and_then(|record| record.reference.clone());
                let of = |it: Expr| it.method("reference", []);
                Self::of_construct(&variable, construct, "Ref", of, kind.unwrap_or(Kind::Text))
            }
            None => Code { expr: Expr::intrinsic("reference", [Expr::text(id)]), is: Is::Intrinsic },
        }
    }

    fn attribute(&mut self, id: &str, name: &str, argument: &Data) -> Code {
        let by_id = |writer: &mut Self| match argument {
            Data::List(items) if items.len() == 2 => {
                let arguments = [Expr::text(id), writer.data(&items[1]).expr];
                Code { expr: Expr::intrinsic("get_att", arguments), is: Is::Intrinsic }
            }
            other => writer.any("Fn::GetAtt", other),
        };
        let (variable, type_name, construct) = match self.named.get(id).cloned() {
            Some(Named::Resource(variable, type_name)) => (variable, type_name, None),
            Some(Named::Construct(variable, construct)) => {
                (variable, construct.type_name().to_owned(), Some(construct))
            }
            _ => return by_id(self),
        };
        let known = facts::cloudformation(&type_name).map(|facts| facts.takes_attribute(name));
        if known == Some(false) {
            return by_id(self);
        }
        let prop = self.types.resource(&type_name).and_then(|record| record.attribute(name));
        let (field, kind) = match prop {
            Some(prop) => (Some(prop.field.clone()), prop.kind.clone()),
            None => (None, Kind::Text),
        };
        let of = |it: Expr| match &field {
            Some(field) => it.method(field, []),
            None => it.method_of("attr", "String", [Expr::text(name)]),
        };
        match construct {
            Some(construct) => Self::of_construct(&variable, construct, name, of, kind),
            None => Code { expr: of(Expr::Variable(variable)), is: Is::Value(kind) },
        }
    }

    /// Writes an attribute with the method of the construct if it exists. Otherwise, `of` writes the access to the
    /// resource.
    fn of_construct(
        variable: &str,
        construct: &BareConstruct,
        name: &str,
        of: impl Fn(Expr) -> Expr,
        kind: Kind,
    ) -> Code {
        let elsewhere = of(Expr::variable(variable));
        let (here, kind) = match construct.values.iter().find(|(known, ..)| *known == name) {
            Some((_, method, is_text)) => {
                (Expr::variable(variable).method(method, []), if *is_text { Kind::Text } else { kind })
            }
            // An attribute of a custom resource is accessed by its name.
            None if is_custom(construct.type_name()) => {
                (Expr::variable(variable).method("attr", [Expr::text(name)]), kind)
            }
            None => match name.strip_prefix("Outputs.").filter(|_| construct.path == NESTED_STACK.path) {
                Some(output) => (Expr::variable(variable).method("output", [Expr::text(output)]), kind),
                None => (of(Expr::variable(variable).method("resource", [])), kind),
            },
        };
        Code { expr: Expr::either(variable, here, elsewhere), is: Is::Value(kind) }
    }

    /// Writes `Fn::Sub` without a variable map as `text!`, or returns `None` if `text!` cannot express it.
    fn substitution(&mut self, text: &str) -> Option<Code> {
        // A text of several lines, such as a script, is not split into parts.
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
            // A name with further braces contains a loop variable, which `text!` cannot express.
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '-' | '_');
            if name.is_empty() || !name.chars().all(is_name) {
                return None;
            }
            if !literal.is_empty() {
                parts.push(Expr::text(std::mem::take(&mut literal)));
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
            parts.push(code.expr);
            n_values += 1;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Expr::text(literal));
        }
        let is_mixed = n_values > 0 && parts.len() > 1;
        is_mixed.then_some(Code { expr: Expr::Macro("text", parts), is: Is::Value(Kind::Text) })
    }
}

/// Returns the condition name in `{"Condition": "IsProd"}`.
fn condition(data: &Data) -> Option<&str> {
    data.as_map().filter(|bag| bag.len() == 1)?.get("Condition")?.as_str()
}
