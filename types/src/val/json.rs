//! Data as JSON text, for properties that hold a document as a string.

use super::{Bag, Data, Deferred, Part, Val};

impl Data {
    /// This data as JSON text. What is deferred stands within its quotes and is filled in when it is deployed.
    ///
    /// Maps keep the order in which their keys were set. A secret has no way
    /// into text: it comes out as `null`.
    pub fn to_json(&self) -> Val<String> {
        let mut parts = Vec::new();
        write(self, &mut parts);
        match parts.iter().any(|part| matches!(part, Part::Value(_))) {
            true => Val::doc(parts).into_text(),
            false => Val::concat(parts),
        }
    }
}

fn write(data: &Data, out: &mut Vec<Part>) {
    match data {
        Data::Null | Data::Secret(_) => out.push("null".into()),
        Data::Bool(value) => out.push(value.to_string().into()),
        Data::Int(value) => out.push(value.to_string().into()),
        Data::Float(value) => out.push(serde_json::json!(value).to_string().into()),
        Data::Text(text) => out.push(quoted(text).into()),
        Data::List(items) => list(items, out),
        Data::Map(bag) => map(bag, out),
        Data::Deferred(deferred) if deferred.is_list() => {
            // Its items are names, ids and ARNs: nothing in them is escaped.
            let items = Deferred::Joined { of: deferred.clone(), separator: "\",\"" };
            out.extend(["[\"".into(), Part::Value(items), "\"]".into()]);
        }
        Data::Deferred(deferred) => {
            out.push("\"".into());
            inside(deferred, out);
            out.push("\"".into());
        }
    }
}

fn list(items: &[Data], out: &mut Vec<Part>) {
    out.push("[".into());
    for (idx, item) in items.iter().enumerate() {
        if idx > 0 {
            out.push(",".into());
        }
        write(item, out);
    }
    out.push("]".into());
}

fn map(bag: &Bag, out: &mut Vec<Part>) {
    out.push("{".into());
    for (idx, (key, value)) in bag.iter().enumerate() {
        if idx > 0 {
            out.push(",".into());
        }
        out.push(format!("{}:", quoted(key)).into());
        write(value, out);
    }
    out.push("}".into());
}

/// A deferred value as a piece of a JSON string; its literal parts are escaped, its values are names, ids and ARNs.
fn inside(deferred: &Deferred, out: &mut Vec<Part>) {
    let Deferred::Text(parts) = deferred else { return out.push(Part::Value(deferred.clone())) };
    for part in parts {
        match part {
            Part::Text(text) => {
                let text = quoted(text);
                out.push(text[1..text.len() - 1].to_owned().into());
            }
            Part::Value(value) => inside(value, out),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;
    use crate::tree::{At, Scope};

    #[test]
    fn known_data_is_plain_json() {
        let data = Bag::default().with("b", "say \"no\"").with("a", vec![1, 2]).with("c", 0.5).with("d", Data::Null);
        assert_eq!(Data::from(data).to_json(), Val::from(r#"{"b":"say \"no\"","a":[1,2],"c":0.5,"d":null}"#));
    }

    #[test]
    fn what_is_deferred_stands_within_quotes() {
        let app = Scope::root("shop", At::caller(), |_| false);
        let id: Val<String> = app.attr("Ref");
        let data = Bag::default().with("id", text!["a \"", id.clone(), "\""]);
        let Val::Deferred(Deferred::Doc(parts)) = Data::from(data).to_json() else { panic!("it is deferred") };
        let Val::Deferred(id) = id else { panic!("so is the id") };
        assert_eq!(parts, [r#"{"id":"a \""#.into(), Part::Value(id), r#"\""}"#.into()]);
    }
}
