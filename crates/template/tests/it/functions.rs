//! Results of single functions: known, unknown with a reason, or absent.

use meshsynth_template::{Budget, Dependent, Evaluator, Mode, Outcome, Residual, Template, Values};
use serde_json::{Value, json};

fn template() -> Value {
    json!({
        "Parameters": {
            "Env": { "Type": "String", "AllowedValues": ["dev", "test", "prod"], "Default": "dev" },
            "Zones": { "Type": "CommaDelimitedList", "Default": "a, b" },
            "Open": { "Type": "String" },
            "Stored": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a" },
            "Secret": { "Type": "String", "NoEcho": true, "Default": "hunter2" },
        },
        "Mappings": { "Sizes": { "dev": { "n": 1 }, "prod": { "n": 3 } } },
        "Conditions": {
            "Prod": { "Fn::Equals": [{ "Ref": "Env" }, "prod"] },
            "Has": { "Fn::Equals": [{ "Ref": "Open" }, "yes"] },
            "Circle": { "Fn::Not": [{ "Condition": "Circle" }] },
            "Hidden": { "Fn::Equals": [{ "Ref": "Secret" }, "hunter2"] },
            "Looked": { "Fn::Equals": [{ "Ref": "Stored" }, "/a"] },
        },
    })
}

fn with<T>(evaluate: impl FnOnce(&Evaluator<'_, Residual>) -> T) -> T {
    let (document, environment) = (template(), Residual::of("shop", "eu-west-1", "111122223333"));
    let (values, budget) = (Values::new(), Budget::default());
    let template = Template::new(&document);
    evaluate(&Evaluator { template, environment: &environment, values: &values, budget: &budget, mode: Mode::Show })
}

fn outcome(value: Value) -> Outcome {
    with(|evaluator| evaluator.outcome(&value))
}

#[track_caller]
fn assert_known(value: Value, expected: Value) {
    assert_eq!(outcome(value.clone()), Outcome::Known(expected), "{value}");
}

#[track_caller]
fn assert_unknown(value: Value, reason: &str) {
    match outcome(value.clone()) {
        Outcome::Unknown(unknown) => assert_eq!(unknown.to_string(), reason),
        other => panic!("{value}: {other:?}"),
    }
}

#[test]
fn functions_with_known_arguments_are_known() {
    assert_known(json!({ "Ref": "Zones" }), json!(["a", "b"]));
    assert_known(json!({ "Fn::Join": ["-", { "Ref": "Zones" }] }), json!("a-b"));
    assert_known(json!({ "Fn::Select": ["1", { "Ref": "Zones" }] }), json!("b"));
    assert_known(json!({ "Fn::Select": [0, { "Fn::Split": ["/", "x/y"] }] }), json!("x"));
    assert_known(json!({ "Fn::Length": { "Ref": "Zones" } }), json!(2));
    assert_known(json!({ "Fn::Base64": { "Fn::Sub": "${Env}" } }), json!("ZGV2"));
    assert_known(json!({ "Fn::ToJsonString": { "a": { "Ref": "Env" } } }), json!("{\"a\":\"dev\"}"));
    assert_known(json!({ "Fn::FindInMap": ["Sizes", { "Ref": "Env" }, "n"] }), json!(1));
    assert_known(json!({ "Fn::FindInMap": ["Sizes", "x", "n", { "DefaultValue": { "Ref": "Env" } }] }), json!("dev"));
    assert_known(json!({ "Fn::Sub": ["${Env}/${A}/${!B}/${AWS::Region}", { "A": 1 }] }), json!("dev/1/${B}/eu-west-1"));
    assert_known(json!({ "Fn::Cidr": ["10.0.0.0/16", 2, "8"] }), json!(["10.0.0.0/24", "10.0.1.0/24"]));
    assert_known(json!({ "Fn::If": ["Prod", 1, [2, { "Ref": "AWS::NoValue" }]] }), json!([2]));
    assert_known(json!({ "Fn::If": ["Hidden", 1, 2] }), json!(1));
    assert_known(json!({ "Fn::If": ["Has", "same", "same"] }), json!("same"));
    assert_eq!(outcome(json!({ "Fn::If": ["Prod", 1, { "Ref": "AWS::NoValue" }] })), Outcome::Absent);
}

#[test]
fn unknown_values_have_a_reason_and_a_location() {
    assert_unknown(json!({ "Ref": "Open" }), "the value of `Open` is known only at deployment");
    let tags = json!({ "Tags": [{ "Key": "a", "Value": { "Fn::Sub": "${Open}-a" } }] });
    assert_unknown(tags, "`Tags.0.Value`: the value of `Open` is known only at deployment");
    assert_unknown(json!({ "Fn::Sub": "${Queue.Arn}" }), "the attribute `Queue.Arn` is known only at deployment");
    assert_unknown(json!({ "Fn::GetAtt": ["Queue", "Arn"] }), "the attribute `Queue.Arn` is known only at deployment");
    assert_unknown(json!({ "Fn::If": ["Has", 1, 2] }), "the condition `Has` is known only at deployment");
    assert_unknown(json!({ "Fn::If": ["Circle", 1, 2] }), "the condition `Circle` is known only at deployment");
    assert_unknown(json!({ "Fn::If": ["Looked", 1, 2] }), "the condition `Looked` is known only at deployment");
    assert_unknown(json!({ "Fn::ImportValue": "x" }), "`Fn::ImportValue` is evaluated at deployment");
    assert_unknown(json!({ "Fn::Transform": { "Name": "x" } }), "`Fn::Transform` is evaluated at deployment");
    assert_unknown(json!({ "Fn::GetAZs": "" }), "`Fn::GetAZs` is evaluated at deployment");
    assert_unknown(json!({ "Fn::ForEach::X": ["A", ["b"], {}] }), "`Fn::ForEach::X` is evaluated at deployment");
    let stored = "the dynamic reference `{{resolve:ssm:/a}}` is resolved at deployment";
    assert_unknown(json!({ "Ref": "Stored" }), stored);
    assert_unknown(json!({ "Fn::Join": ["", ["a", { "Ref": "Stored" }]] }), stored);
}

#[test]
fn results_name_the_parameter_on_which_they_depend() {
    let dependent = |value: Value| with(|evaluator| Dependent::of(evaluator, &value).to_string());
    let port = json!({ "Fn::If": ["Prod", 443, { "Ref": "AWS::NoValue" }] });
    assert_eq!(dependent(port), "`Env` is `prod`: 443; `Env` has another value: absent");
    let size = json!({ "Fn::FindInMap": ["Sizes", { "Ref": "Env" }, "n", { "DefaultValue": 2 }] });
    assert_eq!(dependent(size), "`Env` is `dev`: 1; `Env` is `prod`: 3; `Env` is `test`: 2");
    assert_eq!(dependent(json!({ "Fn::If": ["Has", 1, 1] })), "1");
    let circle = json!({ "Fn::If": ["Circle", 1, 2] });
    assert_eq!(dependent(circle), "`Circle` is true: 1; `Circle` is false: 2");
}

#[test]
fn too_many_combinations_are_unknown() {
    let mut document = template();
    let mut operands = Vec::new();
    for at in 0..8 {
        document["Parameters"][format!("P{at}")] = json!({ "Type": "String" });
        operands.push(json!({ "Fn::Equals": [{ "Ref": format!("P{at}") }, "a"] }));
    }
    document["Conditions"]["All"] = json!({ "Fn::And": operands });
    let (environment, values, budget) = (Residual::default(), Values::new(), Budget::default());
    let template = Template::new(&document);
    let evaluator =
        Evaluator { template, environment: &environment, values: &values, budget: &budget, mode: Mode::Show };
    let found = Dependent::of(&evaluator, &json!({ "Fn::If": ["All", 1, 2] }));
    assert_eq!(found.to_string(), "the parameters have too many combinations of values");
}

/// Without shared results, 18 conditions that refer to the next one twice need 2^18 steps.
#[test]
fn evaluates_repeated_conditions_once() {
    let next = |idx: usize| json!({ "Condition": format!("C{}", idx + 1) });
    let mut conditions: serde_json::Map<String, Value> =
        (0..18).map(|idx| (format!("C{idx}"), json!({ "Fn::And": [next(idx), next(idx)] }))).collect();
    conditions.insert("C18".to_owned(), json!({ "Fn::Equals": ["a", "a"] }));
    let document = json!({ "Conditions": conditions });
    let environment = Residual::of("shop", "eu-west-1", "111122223333");
    let (values, budget, template) = (Values::new(), Budget::default(), Template::new(&document));
    let mode = Mode::Decide;
    let evaluator = Evaluator { template, environment: &environment, values: &values, budget: &budget, mode };
    assert_eq!(evaluator.condition("C0"), Some(true));
}
