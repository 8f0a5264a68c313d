//! A mesh has two control planes of one revision in a cluster.
//!
//! The revision is in the names of the release of istiod, its service and its webhooks:
//! the second would replace the first.
//!
//! Give each revision the version in its name, such as `1-30-3`.
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
    fn the_revision_of_the_installation_is_an_error() {
        assert_eq!(added("1-30-2"), ["MS0874"]);
    }

    #[test]
    fn another_revision_is_fine() {
        assert_eq!(added("1-30-3"), [""; 0]);
    }
}
