//! The image of a container has no tag, or the tag `latest`.
//!
//! # What it reports
//!
//! The image has neither a digest nor a tag other than `latest`. The finding is a warning. Images whose tag is known
//! only at deployment, images that `ko` builds, and the image `auto` of Istio gateways are not reported.
//!
//! # Why it matters
//!
//! The registry determines which image runs when a pod starts. Two pods of one Deployment can run different images, and
//! a rollback does not restore the previous image.
//!
//! # Fix
//!
//! Specify a version, or preferably a digest (`orders@sha256:…`).
//!
//! Source: <https://kubernetes.io/docs/concepts/containers/images/#image-names>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::{Data, Deferred, Part};

use super::invalid_image_name;
use crate::rules::index::pods::{self, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for pods in pods::all(model) {
        for (path, container) in pods.numbered() {
            let Some(image) = container.get("image").and_then(end) else { continue };
            if has_version(image) || image == INJECTED || invalid_image_name::is_built(image) || invalid_image_name::wrong(image).is_some() {
                continue;
            }
            let message = format!("{} runs the image `{image}`, whose content can change without notice", called(pods.object));
            out.push(
                model
                    .warning(pods.id, "MS0412", message)
                    .field(format!("{path}.image"))
                    .help("use a version tag other than `latest`, or a digest"),
            );
        }
    }
}

/// The placeholder image of a gateway, which the webhook of Istio replaces by its proxy image.
///
/// Source: <https://istio.io/latest/docs/setup/additional-setup/gateway/>
const INJECTED: &str = "auto";

/// Returns the literal end of an image name, which contains the tag, or `None` if it is known only at deployment.
fn end(image: &Data) -> Option<&str> {
    match image {
        Data::Text(text) => Some(text),
        Data::Deferred(deferred) => match deferred.as_ref() {
            Deferred::Text(parts) => match parts.last()? {
                // Another tool replaces a placeholder such as `${IMAGE}`.
                Part::Text(text) if text.ends_with('}') || text.starts_with('$') => None,
                Part::Text(text) => Some(text),
                Part::Value(_) => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn has_version(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    match name.split_once(':') {
        _ if name.contains("@sha256:") => true,
        Some((_, tag)) => !matches!(tag, "" | "latest"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::{codes_of, orders};

    fn codes(image: &str) -> Vec<&'static str> {
        codes_of([orders(json!({ "containers": [{ "name": "orders", "image": image }] }))])
    }

    #[test]
    fn warns_about_no_version() {
        assert_eq!(codes("registry.example:5000/orders"), ["MS0412"]);
        assert_eq!(codes("orders:latest"), ["MS0412"]);
    }

    #[test]
    fn accepts_a_version_or_a_digest() {
        assert_eq!(codes("registry.example:5000/orders:1.4.0"), [""; 0]);
        // Another rule checks the images that Istio injects.
        assert_eq!(codes("auto"), ["MS0834"]);
        assert_eq!(codes("orders@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), [""; 0]);
    }
}
