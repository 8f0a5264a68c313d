//! A version has the name `v1`, which is reserved for the workload's own pods.
//!
//! # What it reports
//!
//! `Workload::version` is called with the name `v1`.
//!
//! # Why it matters
//!
//! The workload's own pods have this version name. Two sets of pods would have the same label, and a route to one of
//! them would reach both.
//!
//! # Fix
//!
//! Give the version another name, such as `v2`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset>

#[cfg(test)]
mod tests {
    use crate::testing::{codes, mesh_workload};

    fn version(name: &str) -> Vec<&'static str> {
        codes(|app| {
            mesh_workload(app).version(name, "registry.example/orders:2.0.0", Default::default());
        })
    }

    #[test]
    fn reports_the_default_version_name_of_a_workload() {
        assert_eq!(version("v1"), ["MS1035"]);
    }

    #[test]
    fn accepts_any_other_name() {
        assert_eq!(version("v2"), [""; 0]);
    }
}
