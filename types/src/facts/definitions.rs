//! Definitions of custom resources that a platform may have to bring itself.

/// The definitions of the Gateway API, a JSON document each.
pub fn gateway_api_definitions() -> impl Iterator<Item = &'static str> {
    include_str!("../../schema/definitions/gateway-api.jsonl").lines()
}
