//! The order in which objects are applied, by kind.

use meshsynth_model::node::Wave;

/// Kinds that have a wave but no schema in the facts: API group, kind, wave.
const WITHOUT_SCHEMA: [(&str, &str, Wave); 2] =
    [("elbv2.k8s.aws", "TargetGroupBinding", Wave::Routes), ("external-secrets.io", "PushSecret", Wave::Configuration)];

/// Returns the wave in which objects of a kind are applied. Objects of unknown kinds are applied in the wave
/// `Configuration`.
pub fn wave(api_version: &str, kind: &str) -> Wave {
    let known = super::kubernetes(api_version, kind).or_else(|| super::other_version(api_version, kind));
    if let Some(facts) = known {
        return facts.wave;
    }
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let found = WITHOUT_SCHEMA.iter().find(|(of, name, _)| (*of, *name) == (group, kind));
    found.map_or(Wave::Configuration, |(.., wave)| *wave)
}

/// Returns the wave for a name in the facts.
pub(super) fn from_word(word: &str) -> Wave {
    match word {
        "Crds" => Wave::Crds,
        "Namespaces" => Wave::Namespaces,
        "Workloads" => Wave::Workloads,
        "Routes" => Wave::Routes,
        "Scalers" => Wave::Scalers,
        "Configuration" => Wave::Configuration,
        _ => unreachable!("`{word}` is not the name of a wave; a test parses all facts"),
    }
}
