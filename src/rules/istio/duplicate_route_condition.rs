//! A route has two conditions on the same field, or the default route has a condition.
//!
//! # What it reports
//!
//! `when` is called twice on one route for the path, the method or the same header. All cookies are in one header. The
//! rule also reports a condition of the default route.
//!
//! # Why it matters
//!
//! A match of Istio contains one condition for the path and one for each header, so the second would silently replace
//! the first. The default route handles the requests that no other route matches, so it has no condition.
//!
//! # Fix
//!
//! Write one condition, for example a regular expression. Use `or_when(..)` to match either of two conditions, or add a
//! separate route.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest>

#[cfg(test)]
mod tests {
    use crate::mesh::traffic::{header, uri};
    use crate::testing::{codes, mesh_workload};

    #[test]
    fn reports_two_conditions_on_the_same_header() {
        let codes = codes(|app| {
            let premium = header("user-type").exact("premium");
            mesh_workload(app).route().when(premium).when(header("User-Type").prefix("p"));
        });
        assert_eq!(codes, ["MS1032"]);
    }

    #[test]
    fn reports_a_condition_of_the_default_route() {
        let codes = codes(|app| {
            mesh_workload(app).default_route().when(uri().exact("/"));
        });
        assert_eq!(codes, ["MS1032"]);
    }

    #[test]
    fn accepts_conditions_on_different_fields() {
        let codes = codes(|app| {
            mesh_workload(app).route().when(uri().prefix("/a")).when(header("b").present());
        });
        assert_eq!(codes, [""; 0]);
    }
}
