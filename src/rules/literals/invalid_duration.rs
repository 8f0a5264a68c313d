//! A duration of an Istio object is not valid.
//!
//! # What it reports
//!
//! A duration field of a `DestinationRule`, `RequestAuthentication`, `Sidecar`, `VirtualService` or `ProxyConfig` does
//! not have the form of a Go duration. A Go duration is a number and a unit, `ns`, `us`, `ms`, `s`, `m` or `h`, or
//! several of them in sequence, such as `1m30s`.
//!
//! # Why it matters
//!
//! The schema accepts any text. The webhook of Istio rejects an invalid duration if it runs. Without the webhook, Istio
//! ignores the route.
//!
//! # Fix
//!
//! Write `10s`, not `10sec`, `10 s` or `10`.
//!
//! Source: <https://protobuf.dev/reference/protobuf/google.protobuf/#duration>

use crate::diag::Diagnostic;
use crate::rules::index::literals::each_text;
use crate::synth::{Link, Model};

/// The kinds with durations, and their duration fields.
const FIELDS: [(&str, &[&str]); 5] = [
    (
        "DestinationRule",
        &["baseEjectionTime", "connectTimeout", "idleTimeout", "interval", "maxConnectionDuration", "ttl", "warmupDurationSecs"],
    ),
    ("RequestAuthentication", &["timeout"]),
    ("Sidecar", &["connectTimeout", "idleTimeout", "interval", "maxConnectionDuration"]),
    ("VirtualService", &["backoff", "exponentialDelay", "fixedDelay", "maxAge", "perTryTimeout", "timeout"]),
    ("ProxyConfig", &["drainDuration"]),
];

const UNITS: [&str; 7] = ["ms", "us", "µs", "ns", "s", "m", "h"];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (kind, fields) in FIELDS {
        for (id, object) in model.of_kind(kind).filter(|(_, it)| it.api_version.contains("istio.io/")) {
            let Some(spec) = object.body.get("spec").and_then(|spec| spec.as_map()) else { continue };
            each_text(spec, &mut |key, text| {
                if fields.contains(&key) && !is_duration(text) {
                    out.push(
                        model
                            .error(id, "MS0137", format!("`{key}` is `{text}`, which is not a duration"))
                            .help("use a number and a unit, such as `10s`, `500ms` or `1m30s`"),
                    );
                }
            });
        }
    }
}

/// Whether a text is a sequence of numbers with units.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = &rest[..rest.len() - digits.len()];
        if number.parse::<f64>().is_err() {
            return false;
        }
        let Some(next) = UNITS.iter().find_map(|unit| {
            let next = digits.strip_prefix(unit)?;
            // `ms` also begins with `m`, so the next number must follow the unit.
            (next.is_empty() || next.starts_with(|c: char| c.is_ascii_digit())).then_some(next)
        }) else {
            return false;
        };
        rest = next;
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn timeout(text: &str) -> Vec<&'static str> {
        open(&with_orders(&format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\nspec:\n  hosts: [orders]\n  http:\n    \
             - timeout: {text}\n      route: [{{ destination: {{ host: orders, port: {{ number: 8080 }} }} }}]\n"
        )))
    }

    #[test]
    fn reports_an_invalid_or_missing_unit() {
        for wrong in ["10sec", "10 s", "'10'", "s", "1d"] {
            assert!(timeout(wrong).contains(&"MS0137"), "{wrong}");
        }
    }

    #[test]
    fn accepts_durations_of_go() {
        for fine in ["10s", "500ms", "1m30s", "1.5s"] {
            assert!(!timeout(fine).contains(&"MS0137"), "{fine}");
        }
    }
}
