//! A share of requests is above 100 %.
//!
//! # What it reports
//!
//! A canary, mirror or fault has a share of more than 100 %.
//!
//! # Why it matters
//!
//! The share of requests is between 0 and 100 %. The program continues with 100 %, so that it can report further
//! mistakes.
//!
//! # Fix
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
    fn reports_a_share_above_100() {
        assert_eq!(canary(102), ["MS1034"]);
    }

    #[test]
    fn accepts_a_share_below_100() {
        assert_eq!(canary(2), [""; 0]);
    }
}
