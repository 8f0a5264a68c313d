//! What is known about the scalers of KEDA.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

/// A scaler: its parameters by name.
pub type Scaler = BTreeMap<String, Parameter>;

/// A parameter of a scaler.
#[derive(Debug)]
pub struct Parameter {
    /// Whether it is taken from the trigger's metadata.
    pub in_metadata: bool,
    /// Whether it may stand in an environment variable of the workload, named by `<parameter>FromEnv`.
    pub from_env: bool,
    /// Whether a `TriggerAuthentication` may give it.
    pub from_authentication: bool,
    /// Whether nobody needs to give it.
    pub optional: bool,
    /// The values that it may have; empty where it may have any, or several at once.
    pub allowed: Vec<String>,
    /// Whether it is on its way out.
    pub deprecated: bool,
}

/// The parameters of a scaler, such as `kafka`; none where KEDA has no such scaler.
pub fn scaler(kind: &str) -> Option<&'static Scaler> {
    scalers().get(kind)
}

/// All scalers, by their type.
pub fn scalers() -> &'static BTreeMap<String, Scaler> {
    static KNOWN: OnceLock<BTreeMap<String, Scaler>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let text = include_str!("../../schema/keda/scalers.json");
        let all: Value = serde_json::from_str(text).expect("the facts are JSON, as a test says");
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
    fn the_scalers_of_the_triggers_are_known() {
        let ours = ["aws-cloudwatch", "aws-sqs-queue", "cpu", "cron", "kafka", "memory", "prometheus", "redis"];
        assert!(ours.iter().all(|kind| scaler(kind).is_some()));
        assert!(scalers().len() > 50);
        let sasl = &scaler("kafka").expect("it is known")["sasl"];
        assert!(sasl.optional && sasl.in_metadata && sasl.allowed.iter().any(|it| it == "oauthbearer"));
    }
}
