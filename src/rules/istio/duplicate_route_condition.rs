//! Two conditions of one route apply to the same field, or the default route has a condition.
//!
//! A match of Istio holds one test for the path, and one for each header: the
//! second would silently take the place of the first. Cookies lie in one header.
//! The default route takes what no other route does, so it has no condition.
//!
//! Write one condition, for instance a regular expression; or `or_when(..)` for
//! requests of either kind; or begin a route of its own.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest>

#[cfg(test)]
mod tests {
    use crate::mesh::traffic::{header, uri};
    use crate::testing::{codes, mesh_workload};

    #[test]
    fn two_tests_of_one_header_are_an_error() {
        let codes = codes(|app| {
            let premium = header("user-type").exact("premium");
            mesh_workload(app).route().when(premium).when(header("User-Type").prefix("p"));
        });
        assert_eq!(codes, ["MS1032"]);
    }

    #[test]
    fn a_condition_of_the_default_route_is_an_error() {
        let codes = codes(|app| {
            mesh_workload(app).default_route().when(uri().exact("/"));
        });
        assert_eq!(codes, ["MS1032"]);
    }

    #[test]
    fn two_tests_of_two_places_are_fine() {
        let codes = codes(|app| {
            mesh_workload(app).route().when(uri().prefix("/a")).when(header("b").present());
        });
        assert_eq!(codes, [""; 0]);
    }
}
