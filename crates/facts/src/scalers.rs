//! Facts about the scalers of KEDA.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

/// The parameters of a scaler, by name.
pub type Scaler = BTreeMap<String, Parameter>;

/// A parameter of a scaler.
#[derive(Debug)]
pub struct Parameter {
    /// Whether it is read from the trigger metadata.
    pub in_metadata: bool,
    /// Whether an environment variable of the workload may contain it. `<parameter>FromEnv` names the variable.
    pub from_env: bool,
    /// Whether a `TriggerAuthentication` may contain it.
    pub from_authentication: bool,
    /// Whether it is optional.
    pub optional: bool,
    /// The allowed values. The list is empty if any value is allowed, or if a combination of several values is allowed.
    pub allowed: Vec<String>,
    /// Whether it is deprecated.
    pub deprecated: bool,
}

/// Returns the parameters of a scaler, such as `kafka`, or `None` if KEDA has no such scaler.
pub fn scaler(kind: &str) -> Option<&'static Scaler> {
    scalers().get(kind)
}

/// Returns all scalers by type.
pub fn scalers() -> &'static BTreeMap<String, Scaler> {
    static KNOWN: OnceLock<BTreeMap<String, Scaler>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let text = include_str!("../schema/keda/scalers.json");
        let all: Value = serde_json::from_str(text).expect("a test verifies that the facts are valid JSON");
        let scalers = all["scalers"].as_array().into_iter().flatten();
        scalers.map(|scaler| (word(&scaler["type"]), read(scaler))).collect()
    })
}

fn read(scaler: &Value) -> Scaler {
    let parameters = scaler["parameters"].as_array().into_iter().flatten();
    parameters.map(|parameter| (word(&parameter["name"]), parameter_of(parameter))).collect()
}

fn parameter_of(facts: &Value) -> Parameter {
    let is = |key: &str| facts[key] == true;
    let is_list = ["separator", "rangeSeparator"].iter().any(|key| facts[*key].is_string());
    let allowed = facts["allowedValue"].as_array().into_iter().flatten().map(word);
    Parameter {
        in_metadata: is("metadataVariableReadable"),
        from_env: is("envVariableReadable"),
        from_authentication: is("triggerAuthenticationVariableReadable"),
        optional: is("optional") || facts["default"].is_string(),
        allowed: allowed.filter(|_| !is_list).collect(),
        deprecated: facts["deprecated"].is_string(),
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{scaler, scalers};

    #[test]
    fn contains_scalers_of_used_triggers() {
        let ours = ["aws-cloudwatch", "aws-sqs-queue", "cpu", "cron", "kafka", "memory", "prometheus", "redis"];
        assert!(ours.iter().all(|kind| scaler(kind).is_some()));
        assert!(scalers().len() > 50);
        let sasl = &scaler("kafka").expect("it is known")["sasl"];
        assert!(sasl.optional && sasl.in_metadata && sasl.allowed.iter().any(|it| it == "oauthbearer"));
    }
}
