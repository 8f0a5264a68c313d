//! Descriptions of mesh policies: callers, certificates and tokens.

use meshsynth_access::sets::{Dimension, Extent, Test, Values};

use super::phrases::{conditions, quoted, values};
use super::traffic;

/// Describes the callers of an authorization policy.
pub(super) fn caller(extent: &Extent) -> String {
    let name = |test: &Test| {
        let text = test.to_string();
        match text.split('/').collect::<Vec<_>>().as_slice() {
            _ if *test == Test::Absent => "clients without an identity".to_owned(),
            [.., "ns", namespace, "sa", name] => format!("`{namespace}/{name}`"),
            [.., "ns", namespace, "*"] => format!("`{namespace}` (all pods)"),
            _ => format!("`{text}`"),
        }
    };
    values(extent.key("source.principal"), &name, "anyone")
}

/// Describes a call that a workload now allows, or no longer allows.
pub(super) fn call(subject: &str, extent: &Extent, modal: &str) -> String {
    let mut what = Vec::new();
    for (dimension, name) in
        [(Dimension::Method, ""), (Dimension::Host, "host "), (Dimension::Port, "port "), (Dimension::Path, "")]
    {
        if let Some(of) = extent.of(&dimension) {
            what.push(format!("{name}{}", values(Some(of), &|it: &Test| it.to_string(), "any")));
        }
    }
    let what = if what.is_empty() { String::new() } else { format!(" ({})", what.join(", ")) };
    let mut rest = extent.clone();
    rest.values.retain(|dimension, _| !matches!(dimension, Dimension::Key(key) if key.name() == "source.principal"));
    format!("{} {modal} call `{subject}`{what}{}", caller(extent), conditions(&rest))
}

/// Describes a change of the clients that need mutual TLS.
pub(super) fn certificates(subject: &str, extent: &Extent, widened: bool) -> String {
    let port = extent.of(&Dimension::Port).map(|_| format!(" on {}", traffic::ports(extent))).unwrap_or_default();
    match widened {
        true => format!("`{subject}` now accepts clients without mutual TLS{port}"),
        false => format!("`{subject}` now accepts only clients with mutual TLS{port}"),
    }
}

/// Describes the token issuers that a workload accepts.
pub(super) fn tokens(extent: &Extent) -> String {
    match extent.key("token issuer").map(Values::tests) {
        Some(Some(tests)) => format!("tokens of {}", tests.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(", ")),
        _ => "tokens of any issuer, without validation".to_owned(),
    }
}
