//! OpenSearch Service does not offer this version.
//!
//! # What it reports
//!
//! `EngineVersion` is not a version that the service offers. A version has the form `OpenSearch_2.19` or
//! `Elasticsearch_7.10`. A version of OpenSearch that is newer than the version list of meshsynth is a warning.
//!
//! # Why it matters
//!
//! OpenSearch Service rejects the domain. It offers only some versions of each engine, and no Elasticsearch version
//! after 7.10.
//!
//! # Fix
//!
//! Correct the version. The help text suggests a similar version.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/what-is.html>

use crate::diag::Diagnostic;
use crate::facts::literals::{JUDGED_ON, numbers, versions};
use crate::synth::{Link, Model};
use crate::val::Data;

/// The engine names in `EngineVersion`, and their names in the list of versions.
const ENGINES: [(&str, &str); 2] = [("OpenSearch", "opensearch"), ("Elasticsearch", "elasticsearch")];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, domain) in model.of_type("AWS::OpenSearchService::Domain") {
        let Some(text) = domain.props.get("EngineVersion").and_then(Data::as_str) else { continue };
        let (written, number) = text.split_once('_').unwrap_or(("", text));
        let engine = ENGINES.iter().find(|(name, _)| *name == written);
        let is_offered = engine.is_some_and(|(_, of)| versions(of).any(|known| known == number));
        let newest = versions("opensearch").last().unwrap_or_default();
        let is_newer = written == "OpenSearch" && numbers(number).is_some() && numbers(number) > numbers(newest);
        if is_newer {
            let message = format!("`{text}` is not a known OpenSearch Service version");
            out.push(model.warning(id, "MS0342", message).help(format!("check that it exists: the list in meshsynth is from {JUDGED_ON}")));
        } else if !is_offered {
            let message = format!("OpenSearch Service does not offer `{text}`");
            out.push(model.error(id, "MS0342", message).help(format!("did you mean `{}`?", meant(written, number))));
        }
    }
}

/// Returns the most similar version: the same number of the other engine, or the newest of the same major version.
fn meant(written: &str, number: &str) -> String {
    let of = |engine: &'static str| versions(engine).map(move |version| (engine, version));
    let all = || of("opensearch").chain(of("elasticsearch").filter(|_| !written.eq_ignore_ascii_case("opensearch")));
    let major = numbers(number).and_then(|it| it.first().copied());
    let of_major = |version: &str| major.is_some() && numbers(version).and_then(|it| it.first().copied()) == major;
    let found = all().find(|(_, version)| *version == number).or_else(|| all().filter(|(_, version)| of_major(version)).last());
    let (engine, version) = found.unwrap_or(("opensearch", versions("opensearch").last().unwrap_or_default()));
    let name = ENGINES.iter().find(|(_, known)| *known == engine).map_or("OpenSearch", |(name, _)| *name);
    format!("{name}_{version}")
}

#[cfg(test)]
mod tests {
    use super::meant;
    use crate::cfn::opensearchservice::Domain;
    use crate::testing::{diagnostics, stack};
    use crate::{OnDelete, diag::Severity};

    fn domain(version: &str) -> Vec<Severity> {
        let found = diagnostics("shop", |app| {
            Domain::new().engine_version(version).define(&stack(app, "data"), "search").on_delete(OnDelete::Delete);
        });
        found.into_iter().filter(|it| it.code == "MS0342").map(|it| it.severity).collect()
    }

    #[test]
    fn reports_a_version_that_is_not_offered() {
        for (version, near) in [
            ("2.19", "OpenSearch_2.19"),
            ("opensearch_2.19", "OpenSearch_2.19"),
            ("OpenSearch_2.18", "OpenSearch_2.19"),
            ("Elasticsearch_7.11", "Elasticsearch_7.10"),
            ("7.10", "Elasticsearch_7.10"),
            ("OpenSearch_two", "OpenSearch_3.7"),
        ] {
            assert_eq!(domain(version), [Severity::Error], "{version}");
            let (written, number) = version.split_once('_').unwrap_or(("", version));
            assert_eq!(meant(written, number), near, "{version}");
        }
    }

    #[test]
    fn warns_about_newer_versions_and_accepts_known_ones() {
        assert_eq!(domain("OpenSearch_3.99"), [Severity::Warning]);
        assert_eq!(domain("OpenSearch_2.19"), []);
        assert_eq!(domain("Elasticsearch_7.10"), []);
    }
}
