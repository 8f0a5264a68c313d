//! Custom resource definitions that a platform may have to install itself.

/// Returns the custom resource definitions of the Gateway API, each as one JSON document.
pub fn gateway_api_definitions() -> impl Iterator<Item = &'static str> {
    include_str!("../schema/definitions/gateway-api.jsonl").lines()
}
