//! Removes plain text secrets from reports. `MS0112` defines which values are secrets.

use serde_json::{Map, Value};

use super::plain_text_secret::{SECRET_PROPERTIES, is_variables, refers};
use crate::rules::index::credentials::{is_credential, is_written_out, names_password, names_secret};

/// Returns the placeholder of a value.
type Stand<'a> = dyn Fn(&Value) -> Value + 'a;

/// Whether the value of a name is a secret. The second argument is whether it is an environment variable.
type Names<'a> = dyn Fn(&str, bool) -> bool + 'a;

/// Hides the secrets of a template: properties, environment variables, and defaults of parameters with `NoEcho`.
pub fn hide_in_template(template: &mut Value, stand: &Stand<'_>) {
    let parameters = template.get_mut("Parameters").and_then(Value::as_object_mut);
    for (name, parameter) in parameters.into_iter().flatten() {
        let is_named = parameter["NoEcho"] == true || parameter["NoEcho"] == "true" || names_secret(name);
        if let Some(value) = parameter.get_mut("Default") {
            hide(value, is_named, stand);
        }
    }
    let resources = template.get_mut("Resources").and_then(Value::as_object_mut);
    for resource in resources.into_iter().flat_map(Map::values_mut) {
        let is_parameter = resource["Type"] == "AWS::SSM::Parameter";
        let Some(Value::Object(props)) = resource.get_mut("Properties") else { continue };
        let own = props.get("Name").and_then(Value::as_str).and_then(|name| name.rsplit('/').next());
        let is_named = is_parameter && own.is_some_and(names_secret);
        leaves(
            props,
            None,
            &|name, is_variable| match is_variable {
                true => is_secret(name),
                false => SECRET_PROPERTIES.contains(&name) || is_named && name == "Value",
            },
            stand,
        );
    }
}

/// Hides the secrets of an object: environment variables and entries of a `ConfigMap`.
pub fn hide_in_object(object: &mut Value, stand: &Stand<'_>) {
    let is_config = object["apiVersion"] == "v1" && object["kind"] == "ConfigMap";
    if let Value::Object(fields) = object {
        leaves(fields, None, &|name, is_variable| (is_variable || is_config) && is_secret(name), stand);
    }
}

/// Hides the passwords in the values of a Helm release.
pub fn hide_in_values(values: &mut Value, stand: &Stand<'_>) {
    if let Value::Object(values) = values {
        leaves(values, None, &|name, _| names_password(name), stand);
    }
}

fn leaves(map: &mut Map<String, Value>, parent: Option<&str>, names: &Names<'_>, stand: &Stand<'_>) {
    let variable = variable(map);
    for (key, value) in map {
        let name = match &variable {
            Some((name, field)) if field == key => (name.as_str(), true),
            _ => (key.as_str(), parent.is_some_and(is_variables)),
        };
        leaf(value, key, name, names, stand);
    }
}

fn leaf(value: &mut Value, key: &str, name: (&str, bool), names: &Names<'_>, stand: &Stand<'_>) {
    match value {
        Value::Object(map) => match function(map) {
            Some(("Fn::Base64" | "Fn::Join" | "Fn::Sub", text)) => leaf(text, key, name, names, stand),
            // The first item is the name of a condition.
            Some(("Fn::If", Value::Array(items))) => {
                items.iter_mut().skip(1).for_each(|item| leaf(item, key, name, names, stand));
            }
            _ => leaves(map, Some(key), names, stand),
        },
        Value::Array(items) => items.iter_mut().for_each(|item| leaf(item, key, name, names, stand)),
        value => hide(value, names(name.0, name.1), stand),
    }
}

/// Whether a variable with this name is a secret. Tokens may be public, so they are hidden but not reported.
fn is_secret(name: &str) -> bool {
    names_secret(name) || name.to_ascii_lowercase().ends_with("token")
}

fn hide(value: &mut Value, is_named: bool, stand: &Stand<'_>) {
    let is_secret = match value {
        Value::String(text) => is_credential(text) || is_named && is_written_out(text),
        Value::Number(_) => is_named,
        _ => false,
    };
    if is_secret {
        *value = stand(value);
    }
}

/// Returns the name and argument of an intrinsic function.
fn function(map: &mut Map<String, Value>) -> Option<(&str, &mut Value)> {
    let is_one = map.len() == 1;
    map.iter_mut().next().filter(|_| is_one).map(|(name, argument)| (name.as_str(), argument))
}

/// Returns the name of a variable and the field of its value, for a map with `name` and `value`.
fn variable(map: &Map<String, Value>) -> Option<(String, &'static str)> {
    if map.get("Type").and_then(Value::as_str).is_some_and(refers) {
        return None;
    }
    [("name", "value"), ("Name", "Value")].into_iter().find_map(|(name, value)| {
        map.get(value)?;
        Some((map.get(name)?.as_str()?.to_owned(), value))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{hide_in_object, hide_in_template};

    fn stars(_: &Value) -> Value {
        "***".into()
    }

    #[test]
    fn hides_only_secrets_of_a_template() {
        let mut template = json!({
            "Parameters": { "Pin": { "NoEcho": true, "Default": "hunter2" }, "Level": { "Default": "info" } },
            "Resources": {
                "Db": { "Type": "AWS::RDS::DBInstance", "Properties": { "MasterUserPassword": "hunter2", "Engine": "mysql" } },
                "Fn": { "Type": "AWS::RDS::DBInstance", "Properties": { "MasterUserPassword": { "Fn::If": ["IsProd",
                    { "Fn::Sub": "hunter2-${Stage}" }, { "Fn::Join": ["-", ["hunter2", { "Ref": "Pin" }]] }] } } },
                "Ref": { "Type": "AWS::RDS::DBInstance", "Properties": { "MasterUserPassword": "{{resolve:ssm:a}}" } },
                "F": { "Type": "AWS::Lambda::Function",
                    "Properties": { "Environment": { "Variables": { "DB_PASSWORD": "hunter2", "PIN_PASSWORD": 1234, "API_TOKEN": "hunter2", "LEVEL": "info" } } } },
                "T": { "Type": "AWS::ECS::TaskDefinition", "Properties": { "ContainerDefinitions": [{ "Environment": [
                    { "Name": "API_KEY", "Value": "hunter2" }, { "Name": "URL", "Value": "amqp://shop:hunter2@mq" },
                    { "Name": "LEVEL", "Value": "info" }] }] } },
                "P": { "Type": "AWS::SSM::Parameter", "Properties": { "Name": "/shop/password", "Value": "hunter2" } },
            },
        });
        hide_in_template(&mut template, &stars);
        let text = template.to_string();
        assert!(!text.contains("hunter2") && !text.contains("1234"), "{text}");
        assert_eq!((text.matches("info").count(), text.matches("***").count()), (3, 10), "{text}");
        assert!(["{{resolve:ssm:a}}", "mysql", "IsProd", "{\"Ref\":\"Pin\"}"].iter().all(|it| text.contains(it)));
    }

    #[test]
    fn hides_secrets_of_objects_but_not_references() {
        let mut object = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "template": { "spec": { "containers": [
            { "name": "web", "env": [{ "name": "DB_PASSWORD", "value": "hunter2" }, { "name": "API_KEY", "value": "$(OTHER)" }] }] } } } });
        hide_in_object(&mut object, &stars);
        assert!(!object.to_string().contains("hunter2") && object.to_string().contains("$(OTHER)"), "{object}");
        let mut config =
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "db.password": "hunter2", "LEVEL": "info" } });
        hide_in_object(&mut config, &stars);
        assert_eq!(config["data"], json!({ "db.password": "***", "LEVEL": "info" }));
    }
}
