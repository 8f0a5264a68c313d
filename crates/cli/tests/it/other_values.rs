//! `meshsynth diff` of templates whose conditions are false by default: each format has the further differences.

use serde_json::Value;

use crate::folders::Place;

/// Returns a template with a table that exists only if `Env` is `prod`.
fn template(key: &str) -> String {
    format!(
        "Parameters:\n  Env: {{ Type: String, Default: dev }}\nConditions:\n  Prod: !Equals [!Ref Env, prod]\nResources:\n  \
         Table:\n    Type: AWS::DynamoDB::Table\n    Condition: Prod\n    Properties:\n      TableName: {key}\n      \
         KeySchema: [{{ AttributeName: id, KeyType: HASH }}]\n      AttributeDefinitions: [{{ AttributeName: id, AttributeType: S }}]\n"
    )
}

fn folders(case: &str) -> Place {
    let place = Place::new(case);
    place.write("old/data.yaml", &template("a")).write("new/data.yaml", &template("b"));
    place
}

#[test]
fn reports_the_section_of_other_values_in_each_format() {
    let place = folders("other-values");
    let (code, text) = place.diff(&[]);
    assert_eq!(code, 1);
    assert!(text.contains("no changes with the defaults of parameters; further changes if `Env` is `prod`"), "{text}");
    assert!(
        text.contains("\nIf `Env` is `prod`\n") && text.contains("! AWS::DynamoDB::Table Table (data loss)"),
        "{text}"
    );
    for (format, expected) in
        [("markdown", "if Env is prod`"), ("html", "if Env is prod"), ("sarif", "`Table` (data loss)")]
    {
        let report = place.diff(&["--format", format]).1;
        assert!(report.contains(expected), "{format}: {report}");
    }
    let report: Value = serde_json::from_str(&place.diff(&["--format", "json"]).1).unwrap();
    let row = &report[0]["conditional"][0];
    assert_eq!(
        (row["if"].as_str(), row["changes"][0]["verdict"].as_str()),
        (Some("`Env` is `prod`"), Some("data loss"))
    );
    assert_eq!(report[0]["changed"], true);
}

#[test]
fn gates_include_other_values() {
    let place = folders("other-values-gates");
    let (code, _, errors) = place.run(&["--base", "old", "--head", "new", "--deny", "data-loss"]);
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("data is at risk in `Table` (if `Env` is `prod`)"), "{errors}");
}
