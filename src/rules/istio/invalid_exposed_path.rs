//! A path is exposed twice, or is not valid.
//!
//! One path of a host leads to one workload: of two, the gateway would take the
//! one that happens to come first. A path begins with `/` and ends without it,
//! since all that lies below it belongs to it.
//!
//! Expose each path once; of two that overlap, the longer one takes precedence.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest>

#[cfg(test)]
mod tests {
    use crate::mesh::{Gateway, GatewayProps, Tls};
    use crate::testing::{codes, workload_and_mesh};

    fn exposing(paths: &[&str]) -> Vec<&'static str> {
        codes(|app| {
            let (orders, istio) = workload_and_mesh(app);
            let ingress = istio.add_gateway("ingress", GatewayProps::default());
            let entry = Gateway::new(&ingress, "entry", Tls::Off);
            paths.iter().for_each(|path| {
                entry.expose("api.example.com", path, &orders);
            });
        })
    }

    #[test]
    fn a_path_that_is_there_twice_is_an_error() {
        assert_eq!(exposing(&["/orders", "/orders"]), ["MS1038"]);
    }

    #[test]
    fn a_path_without_a_slash_is_an_error() {
        assert_eq!(exposing(&["/", "orders"]), ["MS1038"]);
    }

    #[test]
    fn a_longer_path_beside_a_shorter_one_is_fine() {
        assert_eq!(exposing(&["/", "/orders"]), [""; 0]);
    }
}
