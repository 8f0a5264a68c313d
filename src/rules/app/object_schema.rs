//! A field of a Kubernetes object does not match its schema.
//!
//! The schemas are those of the API server and of the custom resources that
//! meshsynth knows. An API server would drop an unknown field without a word, or
//! refuse the object in the middle of a deployment.
//!
//! Fix the field that the message names.

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
    fn an_unknown_field_is_an_error() {
        assert_eq!(config_with("imutable"), ["MS0106"]);
    }

    #[test]
    fn a_known_one_is_fine() {
        assert_eq!(config_with("immutable"), [""; 0]);
    }
}
