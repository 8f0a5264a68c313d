//! `meshsynth check --render` could not render a kustomization or a Helm chart.
//!
//! # What it reports
//!
//! `kustomize`, `kubectl` or `helm` failed for a folder. The message is the output of that tool. meshsynth downloads
//! nothing for a chart, so its dependencies must be below `charts`.
//!
//! # Why it matters
//!
//! The rendered manifests are unknown, so the folder is not checked.
//!
//! # Fix
//!
//! Fix the problem that the tool reports. Pass values that a chart requires with `--values`. Download dependencies with
//! `helm dependency build <chart>`.

#[cfg(test)]
mod tests {
    use crate::{At, Manifest};

    // The command line runs the tools; its tests contain both cases.
    #[test]
    fn the_code_is_explained() {
        let code = Manifest::not_rendered("helm failed", At::caller()).code;
        assert!(crate::rules::find(code).is_some_and(|rule| rule.manual().contains("--values")));
    }
}
