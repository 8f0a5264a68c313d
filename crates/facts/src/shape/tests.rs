use serde_json::json;

use super::{Dialect, Shape};
use meshsynth_model::val::{Bag, Data};

/// Returns the problems as text, in order.
fn problems(shape: &Shape, data: impl Into<Data>) -> Vec<String> {
    let problems = shape.check(&data.into()).into_iter();
    problems
        .map(|it| format!("{}: {}{}", it.path, it.message, it.help.map(|help| format!("; {help}")).unwrap_or_default()))
        .collect()
}

fn bag() -> Bag {
    Bag::default()
}

fn cloudformation() -> Shape {
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["Name"],
        "properties": {
            "Name": { "type": "string", "minLength": 2, "maxLength": 5 },
            "Port": { "type": "integer", "minimum": 1, "maximum": 65535 },
            "Mode": { "enum": ["active", "passive"], "type": "string" },
            "Tags": { "type": "array", "items": { "$ref": "#/definitions/Tag" }, "maxItems": 2, "uniqueItems": true },
            "Both": { "oneOf": [{ "required": ["A"] }, { "required": ["B"] }], "type": "object" },
            "Free": { "type": "object", "patternProperties": { ".*": { "type": "integer" } } },
            "Arn": { "type": "string" },
            "Policy": { "type": ["object", "string"] },
        },
    });
    let definitions = json!({
        "Tag": {
            "type": "object",
            "additionalProperties": false,
            "required": ["Key"],
            "properties": { "Key": { "type": "string" }, "Sub": { "$ref": "#/definitions/Tag" } },
        }
    });
    let mut shape = Shape::from_json(&schema, &definitions, Dialect::CloudFormation);
    shape.set_read_only("Arn");
    shape
}

#[test]
fn accepts_valid_data() {
    let right = bag()
        .with("Name", "abc")
        .with("Port", "5432")
        .with("Mode", "active")
        .with("Tags", vec![bag().with("Key", 1i64).with("Sub", bag().with("Key", "x"))])
        .with("Both", bag().with("A", true))
        .with("Free", bag().with("any", 3i64))
        .with("Policy", bag());
    assert_eq!(problems(&cloudformation(), right), [""; 0]);
}

#[test]
fn reports_each_mistake_with_its_path() {
    let wrong = bag()
        .with("Prot", 1i64)
        .with("Port", 70000i64)
        .with("Mode", "activ")
        .with("Tags", vec![bag().with("Sub", bag().with("Kye", "x")), bag().with("Key", vec!["x"])])
        .with("Both", bag())
        .with("Free", bag().with("any", "three"))
        .with("Arn", "arn:aws:x");
    assert_eq!(
        problems(&cloudformation(), wrong),
        [
            "Prot: no such property; did you mean `Port`?",
            "Port: is 70000; it must be at most 65535",
            "Mode: is `activ`; the allowed values are `active`, `passive`; did you mean `active`?",
            "Tags[0].Sub.Kye: no such property; did you mean `Key`?",
            "Tags[0].Key: required, but not set",
            "Tags[1].Key: expected text, found a list",
            "Both: set `A` or `B`; all of them are missing",
            "Free.any: expected a whole number, found text `three`",
            "Arn: cannot be set: AWS sets it",
            "Name: required, but not set",
        ]
    );
    let many = bag()
        .with("Name", "abcdef")
        .with("Tags", vec![bag().with("Key", "a"), bag().with("Key", "b"), bag().with("Key", "a")])
        .with("Both", bag().with("A", 1i64).with("B", 2i64))
        .with("Mode", Data::Null);
    assert_eq!(
        problems(&cloudformation(), many),
        [
            "Name: has 6 characters; the maximum is 5",
            "Tags: has 3 items; the maximum is 2",
            "Tags[2]: duplicates item 0; items must be unique",
            "Both: set only one of `A`, `B`",
            "Mode: expected text, found null",
        ]
    );
}

#[test]
fn checks_properties_that_depend_on_each_other() {
    let schema = json!({
        "type": "object",
        "properties": {},
        "requiredXor": ["A", "B"],
        "requiredOr": ["C", "D"],
        "dependentRequired": { "A": ["E"] },
        "dependentExcluded": { "C": ["D"], "D": ["C"] },
    });
    let shape = Shape::from_json(&schema, &json!({}), Dialect::CloudFormation);
    assert_eq!(problems(&shape, bag().with("A", 1i64).with("E", 1i64).with("C", 1i64)), [""; 0]);
    assert_eq!(
        problems(&shape, bag().with("A", 1i64).with("B", 1i64).with("C", 1i64).with("D", 1i64)),
        [
            "set exactly one of `A`, `B`; 2 are set",
            "`A` requires `E`, which is not set",
            "`C` and `D` cannot both be set",
        ]
        .map(|text| format!(": {text}"))
    );
}

#[test]
fn kubernetes_rejects_unknown_fields_and_converted_scalars() {
    let schema = json!({
        "properties": {
            "replicas": { "type": "integer" },
            "port": { "x-kubernetes-int-or-string": true, "anyOf": [{ "type": "integer" }, { "type": "string" }] },
            "labels": { "type": "object", "additionalProperties": { "type": "string" } },
            "free": { "type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": { "a": {} } },
            "gone": { "type": "string", "nullable": true },
            "match": {
                "type": "object",
                "oneOf": [
                    { "not": { "anyOf": [{ "required": ["exact"] }, { "required": ["prefix"] }] } },
                    { "required": ["exact"] },
                    { "required": ["prefix"] },
                ],
                "properties": { "exact": { "type": "string" }, "prefix": { "type": "string" } },
            },
        },
    });
    let shape = Shape::from_json(&schema, &json!({}), Dialect::Kubernetes);
    let right = bag()
        .with("replicas", 2i64)
        .with("port", "http")
        .with("labels", bag().with("app", "orders"))
        .with("free", bag().with("any", 1i64))
        .with("gone", Data::Null)
        .with("match", bag().with("exact", "x"));
    assert_eq!(problems(&shape, right), [""; 0]);
    let wrong = bag()
        .with("replicas", "2")
        .with("labels", bag().with("app", 1i64))
        .with("match", bag().with("exact", "x").with("prefix", "y"))
        .with("template", bag());
    assert_eq!(
        problems(&shape, wrong),
        [
            "replicas: expected a whole number, found text `2`",
            "labels.app: expected text, found `1`",
            "match: set only one of `exact`, `prefix`",
            "template: no such property",
        ]
    );
}

#[test]
fn list_order_is_relevant_by_default() {
    let list = |order: Option<bool>| match order {
        Some(order) => json!({ "type": "array", "insertionOrder": order }),
        None => json!({ "type": "array", "uniqueItems": true }),
    };
    let inner = json!({ "properties": { "Ports": list(Some(false)) } });
    let schema = json!({
        "properties": { "A": list(Some(false)), "B": list(Some(true)), "C": list(None), "D": { "items": inner } },
        "oneOf": [{ "properties": { "E": list(Some(false)) } }],
    });
    let shape = Shape::from_json(&schema, &json!({}), Dialect::CloudFormation);
    for path in ["A", "D.*.Ports", "E"] {
        assert!(shape.is_unordered(path), "{path}");
    }
    for path in ["B", "C", "D", "D.*", "F", "A.*", ""] {
        assert!(!shape.is_unordered(path), "{path}");
    }
}

#[test]
fn conditional_values_are_neither_set_nor_missing() {
    use meshsynth_model::intrinsic::{if_, no_value};
    let name = |value: Data| bag().with("Name", value);
    let maybe = || if_("C", "abc", no_value());
    let never = || if_("C", no_value(), no_value());
    assert_eq!(problems(&cloudformation(), name(maybe().into())), [""; 0]);
    assert_eq!(problems(&cloudformation(), name(never().into())), ["Name: required, but not set"]);
    assert_eq!(problems(&cloudformation(), name(no_value().into())), ["Name: required, but not set"]);
    let both = |a: Data, b: Data| name("abc".into()).with("Both", bag().with("A", a).with("B", b));
    assert_eq!(problems(&cloudformation(), both(1.into(), maybe().into())), [""; 0]);
    assert_eq!(problems(&cloudformation(), both(maybe().into(), if_("C", no_value(), 1).into())), [""; 0]);
    assert_eq!(problems(&cloudformation(), both(1.into(), 2.into())), ["Both: set only one of `A`, `B`"]);
    assert_eq!(
        problems(&cloudformation(), both(no_value().into(), never().into())),
        ["Both: set `A` or `B`; all of them are missing"]
    );
    let tags = |third: Data| {
        let tag = |key: &str| Data::from(bag().with("Key", key));
        name("abc".into()).with("Tags", Data::List(vec![tag("a"), tag("b"), third]))
    };
    assert_eq!(problems(&cloudformation(), tags(if_("C", bag().with("Key", "c"), no_value()).into())), [""; 0]);
    assert_eq!(
        problems(&cloudformation(), tags(bag().with("Key", "c").into())),
        ["Tags: has 3 items; the maximum is 2"]
    );
}

#[test]
fn functions_may_add_required_properties() {
    let looped = bag().with("Fn::ForEach::Names", Data::List(Vec::new())).with("Port", 1i64);
    assert_eq!(problems(&cloudformation(), looped.clone()), [""; 0]);
    assert_eq!(
        problems(&cloudformation(), looped.with("Prot", 1i64)),
        ["Prot: no such property; did you mean `Port`?"]
    );
}
