//! A field of a Kubernetes object does not match its schema.
//!
//! # What it reports
//!
//! The schemas are those of the API server and of the custom resources that meshsynth supports. Definitions of custom
//! resources among the manifests are used, too. A field of the experimental channel of the Gateway API is a warning in
//! manifests.
//!
//! # Why it matters
//!
//! The API server silently drops an unknown field, or rejects the object in the middle of a deployment.
//!
//! # Fix
//!
//! Fix the field that the message names. For a field of the experimental channel, install the definitions of that
//! channel, or remove the field.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, namespace};
    use crate::val::Data;
    use crate::{Construct, kube};

    fn config_with(field: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let config = kube::core::ConfigMap::new().define(namespace(app).scope(), "config", "config");
            config.patch(field, Data::from(true));
        })
    }

    #[test]
    fn reports_an_unknown_field() {
        assert_eq!(config_with("imutable"), ["MS0106"]);
    }

    #[test]
    fn accepts_a_known_field() {
        assert_eq!(config_with("immutable"), [""; 0]);
    }
}
