//! `meshsynth check --render` could not render a kustomization or a Helm chart.
//!
//! What the folder makes of its files is not known, so it is not checked. The message is that of `kustomize`, `kubectl` or
//! `helm`. Nothing is fetched for a chart: its dependencies must be below `charts`.
//!
//! Fix what the tool names. Values that a chart requires are given with `--values`. `helm dependency build <chart>` fetches
//! dependencies.

#[cfg(test)]
mod tests {
    use crate::{At, Manifest};

    // The command line runs the tools; its tests hold both cases.
    #[test]
    fn the_code_is_explained() {
        let code = Manifest::not_rendered("helm failed", At::caller()).code;
        assert!(crate::rules::find(code).is_some_and(|rule| rule.manual().contains("--values")));
    }
}
