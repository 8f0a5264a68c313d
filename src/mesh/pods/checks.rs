//! Checks of duplicate ports and invalid volumes.

use crate::diag::Diagnostic;
use crate::tree::Scope;

use super::{Port, Volume};

pub(super) fn check(scope: &Scope, name: &str, ports: &[Port]) {
    for (idx, port) in ports.iter().enumerate() {
        if let Some(other) = ports[..idx].iter().find(|it| it.name == port.name || it.port == port.port) {
            let message = format!(
                "`{name}` has the ports `{}` ({}) and `{}` ({}) with the same name or number",
                other.name, other.port, port.name, port.port
            );
            let help = "use a different name and number for each port; the main port has the name of its protocol";
            scope.report(Diagnostic::error("MS0440", message).help(help));
        }
    }
}

/// Reports volumes that the API server rejects.
pub(super) fn check_volumes(scope: &Scope, name: &str, volumes: &[Volume]) {
    let wrong = |what: String, help: &str| scope.report(Diagnostic::error("MS0452", what).help(help));
    for (idx, volume) in volumes.iter().enumerate() {
        let called = volume.name();
        let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_bounded = !called.starts_with('-') && !called.ends_with('-') && (1..=63).contains(&called.len());
        if !called.chars().all(is_label) || !is_bounded {
            let what = format!("`{called}` of `{name}` is not a valid volume name");
            wrong(what, "use lower-case letters, digits and `-`, at most 63 characters");
        }
        if volumes[..idx].iter().any(|other| other.name() == called) || called == "tmp" {
            let what = format!("`{name}` has two volumes named `{called}`");
            wrong(what, "use a different name for each volume; `tmp` is the volume that each pod has at `/tmp`");
        }
        let Some(path) = volume.path.as_deref() else { continue };
        if !path.starts_with('/') || path.contains(':') {
            let what = format!("the mount path `{path}` of volume `{called}` in `{name}` is not a valid absolute path");
            wrong(what, "begin the path with `/`, and do not use `:`");
        }
        let is_taken = volumes[..idx].iter().any(|other| other.path.as_deref() == Some(path));
        if is_taken || path.trim_end_matches('/') == "/tmp" {
            let what = format!("`{name}` mounts two volumes at `{path}`");
            wrong(what, "use a different path for each volume; each pod already has a volume at `/tmp`");
        }
    }
}
