//! A path of a gateway is exposed twice, or is not valid.
//!
//! # What it reports
//!
//! `expose` is called twice for the same host and path, or the path does not begin with `/`, or ends with `/`.
//!
//! # Why it matters
//!
//! A path of a host leads to one workload. With two workloads, the gateway would use the first route. A path includes
//! everything below it, so it does not end with `/`.
//!
//! # Fix
//!
//! Expose each path once. If two paths overlap, the longer one has precedence.
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
    fn reports_a_duplicate_path() {
        assert_eq!(exposing(&["/orders", "/orders"]), ["MS1038"]);
    }

    #[test]
    fn reports_a_path_without_a_slash() {
        assert_eq!(exposing(&["/", "orders"]), ["MS1038"]);
    }

    #[test]
    fn accepts_overlapping_paths() {
        assert_eq!(exposing(&["/", "/orders"]), [""; 0]);
    }
}
