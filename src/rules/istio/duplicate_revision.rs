//! A mesh has two control planes with the same revision in one cluster.
//!
//! # What it reports
//!
//! A revision is added to a mesh that already has a revision with this name, including the revision of the
//! installation.
//!
//! # Why it matters
//!
//! The revision is part of the names of the istiod release, its service and its webhooks. The second control plane
//! would replace the first.
//!
//! # Fix
//!
//! Use the version in the name of each revision, such as `1-30-3`.
//!
//! Source: <https://istio.io/latest/docs/setup/upgrade/canary/>

#[cfg(test)]
mod tests {
    use crate::mesh::{Istio, IstioProps};
    use crate::testing::{cluster, codes};

    fn added(revision: &str) -> Vec<&'static str> {
        codes(|app| {
            let cluster = cluster(app);
            let props = IstioProps { revision: "1-30-2".to_owned(), ..Default::default() };
            Istio::new(&cluster, "istio", &cluster, props).add_revision(revision, Default::default());
        })
    }

    #[test]
    fn reports_the_revision_of_the_installation() {
        assert_eq!(added("1-30-2"), ["MS0874"]);
    }

    #[test]
    fn accepts_another_revision() {
        assert_eq!(added("1-30-3"), [""; 0]);
    }
}
