//! Converts data to JSON text, for properties that contain a document as a string.

use super::{Bag, Data, Deferred, Part, Val};

impl Data {
    /// Converts the data to JSON text. Deferred values are written between quotes, and are resolved during deployment.
    ///
    /// Maps keep the order in which their keys were set. A secret cannot become text and is written as `null`.
    pub fn to_json(&self) -> Val<String> {
        let mut out = Out::default();
        write(self, &mut out);
        out.flush();
        match out.parts.iter().any(|part| matches!(part, Part::Value(_))) {
            true => Val::doc(out.parts).into_text(),
            false => Val::concat(out.parts),
        }
    }
}

/// The completed parts, and the literal text after the last completed part.
#[derive(Default)]
struct Out {
    parts: Vec<Part>,
    text: String,
}

impl Out {
    fn push(&mut self, value: Deferred) {
        self.flush();
        self.parts.push(Part::Value(value));
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(std::mem::take(&mut self.text).into());
        }
    }
}

fn write(data: &Data, out: &mut Out) {
    match data {
        Data::Null | Data::Secret(_) => out.text.push_str("null"),
        Data::Bool(value) => out.text.push_str(if *value { "true" } else { "false" }),
        Data::Int(value) => out.text.push_str(&value.to_string()),
        Data::Float(value) => out.text.push_str(&serde_json::json!(value).to_string()),
        Data::Text(text) => out.text.push_str(&quoted(text)),
        Data::List(items) => list(items, out),
        Data::Map(bag) => map(bag, out),
        Data::Deferred(deferred) if deferred.is_list() => {
            // The items are names, ids and ARNs, which need no escaping.
            out.text.push_str("[\"");
            out.push(Deferred::Joined { of: deferred.clone(), separator: "\",\"" });
            out.text.push_str("\"]");
        }
        Data::Deferred(deferred) => {
            out.text.push('"');
            inside(deferred, out);
            out.text.push('"');
        }
    }
}

fn list(items: &[Data], out: &mut Out) {
    out.text.push('[');
    for (idx, item) in items.iter().enumerate() {
        if idx > 0 {
            out.text.push(',');
        }
        write(item, out);
    }
    out.text.push(']');
}

fn map(bag: &Bag, out: &mut Out) {
    out.text.push('{');
    for (idx, (key, value)) in bag.iter().enumerate() {
        if idx > 0 {
            out.text.push(',');
        }
        out.text.push_str(&quoted(key));
        out.text.push(':');
        write(value, out);
    }
    out.text.push('}');
}

/// Writes a deferred value into a JSON string. Literal parts are escaped. Deferred values are names, ids and ARNs,
/// which need no escaping.
fn inside(deferred: &Deferred, out: &mut Out) {
    let Deferred::Text(parts) = deferred else { return out.push(deferred.clone()) };
    for part in parts {
        match part {
            Part::Text(text) => {
                let text = quoted(text);
                out.text.push_str(&text[1..text.len() - 1]);
            }
            Part::Value(value) => inside(value, out),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is always written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;
    use crate::tree::{At, Scope};

    #[test]
    fn writes_known_data_as_plain_json() {
        let data = Bag::default().with("b", "say \"no\"").with("a", vec![1, 2]).with("c", 0.5).with("d", Data::Null);
        assert_eq!(Data::from(data).to_json(), Val::from(r#"{"b":"say \"no\"","a":[1,2],"c":0.5,"d":null}"#));
    }

    #[test]
    fn quotes_deferred_values() {
        let app = Scope::root("shop", At::caller(), |_| false);
        let id: Val<String> = app.attr("Ref");
        let data = Bag::default().with("id", text!["a \"", id.clone(), "\""]);
        let Val::Deferred(Deferred::Doc(parts)) = Data::from(data).to_json() else { panic!("it is deferred") };
        let Val::Deferred(id) = id else { panic!("so is the id") };
        assert_eq!(parts, [r#"{"id":"a \""#.into(), Part::Value(id), r#"\""}"#.into()]);
    }
}
