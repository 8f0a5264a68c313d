//! A share of requests is above 100 %.
//!
//! A canary, a mirror or a fault takes a share of the requests, from nothing to
//! all of them. What is above is taken as everything, so that the program can be
//! looked at as a whole.
//!
//! Write a share from 0 to 100.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#Percent>

#[cfg(test)]
mod tests {
    use crate::Percent;
    use crate::testing::{codes, mesh_workload};

    fn canary(share: u8) -> Vec<&'static str> {
        codes(|app| {
            let orders = mesh_workload(app);
            let v2 = orders.version("v2", "registry.example/orders:2.0.0", Default::default());
            orders.canary(&v2, Percent(share));
        })
    }

    #[test]
    fn more_than_everything_is_an_error() {
        assert_eq!(canary(102), ["MS1034"]);
    }

    #[test]
    fn a_few_are_fine() {
        assert_eq!(canary(2), [""; 0]);
    }
}
