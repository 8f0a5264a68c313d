//! The image of a container is empty or not a valid image name.
//!
//! # What it reports
//!
//! A valid name has these parts:
//!
//! - a repository of at most 255 characters: lower-case letters and digits, with `.`, `_` and `-` between them, and an
//!   optional registry
//! - a tag of at most 128 letters, digits, `_`, `.` and `-`
//! - a digest of an algorithm and hexadecimal digits
//!
//! Names with a placeholder, such as `${IMAGE}` or `CONTAINER_IMAGE`, and `ko://` with the path of a Go package, which `ko` builds, are not
//! checked.
//!
//! # Why it matters
//!
//! The API server rejects an empty name and surrounding whitespace. It accepts other invalid names, but then every pod
//! waits with `InvalidImageName`.
//!
//! # Fix
//!
//! Write a valid image name with its tag, such as `registry.example/orders:1.4.0`.
//!
//! Source: <https://github.com/distribution/reference/blob/main/reference.go>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;
use crate::rules::index::pods::{self, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for pods in pods::all(model) {
        for (path, container) in pods.numbered() {
            let Some(image) = container.get("image").and_then(Data::as_str) else { continue };
            let Some(help) = wrong(image) else { continue };
            let message = match image {
                "" => format!("{} has a container without an image", called(pods.object)),
                _ => format!("{} runs the image `{image}`, which is not a valid image name", called(pods.object)),
            };
            out.push(model.error(pods.id, "MS0418", message).field(format!("{path}.image")).help(help));
        }
    }
}

/// Returns the help text for an invalid name, or `None` if the name is valid.
pub(super) fn wrong(image: &str) -> Option<&'static str> {
    const NAME: usize = 255;
    // A pipeline replaces a name such as `CONTAINER_IMAGE`.
    let is_marker = image.contains('_') && image.bytes().all(|it| it.is_ascii_uppercase() || it == b'_');
    let is_filled_in = image.contains(['$', '{', '<', '%', '(']) || is_marker || is_built(image);
    if image.is_empty() {
        return Some("set the image and its tag, such as `registry.example/orders:1.4.0`");
    }
    if image.contains(char::is_whitespace) && !is_filled_in {
        return Some("remove the spaces");
    }
    if is_filled_in {
        return None;
    }
    let (rest, digest) = image.split_once('@').map_or((image, None), |(rest, digest)| (rest, Some(digest)));
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest[slash..].split_once(':') {
        Some((last, tag)) => (&rest[..slash + last.len()], Some(tag)),
        None => (rest, None),
    };
    if !is_repository(name) {
        return Some("use only lower-case letters, digits, `.`, `_`, `-` and `/` in the repository name");
    }
    if name.len() > NAME {
        return Some("use a repository name of at most 255 characters");
    }
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Some("use a tag of at most 128 letters, digits, `_`, `.` and `-`, which does not begin with `.` or `-`");
    }
    let is_digest = |text: &str| text.split_once(':').is_some_and(|(of, hex)| !of.is_empty() && is_hex(hex));
    let is_wrong = digest.is_some_and(|digest| !is_digest(digest));
    is_wrong.then_some("use a digest of the form `sha256:` with 64 hexadecimal digits")
}

/// Whether `ko` builds the image and inserts its name.
///
/// Source: <https://ko.build/features/k8s/>
pub(super) fn is_built(image: &str) -> bool {
    image.starts_with("ko://")
}

fn is_repository(name: &str) -> bool {
    let has_host = |first: &str| {
        first.contains(['.', ':']) || first == "localhost" || first.contains(|c: char| c.is_ascii_uppercase())
    };
    let path = match name.split_once('/') {
        Some((first, path)) if has_host(first) => {
            let is_good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '[' | ']');
            if !first.chars().all(is_good) {
                return false;
            }
            path
        }
        _ => name,
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    path.split('/').all(|part| {
        part.starts_with(plain) && part.ends_with(plain) && part.chars().all(|c| plain(c) || matches!(c, '.' | '_' | '-'))
    })
}

fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= 128 && tag.starts_with(word) && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'))
}

fn is_hex(text: &str) -> bool {
    text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::{codes_of, orders};

    fn codes(image: &str) -> Vec<&'static str> {
        codes_of([orders(json!({ "containers": [{ "name": "orders", "image": image }] }))])
    }

    #[test]
    fn reports_invalid_image_names() {
        for image in ["", " ", "orders:1.0 ", "Orders:1.0", "shop/-orders:1.0", "orders:", "orders:ä", "orders@sha256:1"] {
            assert_eq!(codes(image), ["MS0418"], "{image}");
        }
    }

    #[test]
    fn accepts_valid_image_names() {
        let digest = format!("orders@sha256:{}", "0a".repeat(32));
        for image in ["Registry:5000/a/b_c:1.0", "localhost/orders:v1", "a.b/c.d/e--f:1_2", "${IMAGE}", "CONTAINER_IMAGE", "auto", "ko://shop.example/Cmd/orders", &digest] {
            let found = codes(image);
            assert!(!found.contains(&"MS0418"), "{image}: {found:?}");
        }
    }
}
