//! A relation that the program declares is blocked.
//!
//! # What it reports
//!
//! `orders.calls(&payments)`, `db.allow_from(&orders)` and `bucket.grant_read(&orders)` open every layer that the
//! program defines. Other objects and policies can block a layer again:
//!
//! - a network policy, or a `DENY` or another `ALLOW` policy of the mesh
//! - strict mutual TLS for a caller without a proxy, or a `Sidecar` that does not list the host
//! - a missing route, network ACL entry or security group rule
//! - a permissions boundary, a `Deny` statement, a key policy or a trust policy
//!
//! For each declared relation, `meshsynth synth` evaluates the output, like `meshsynth reach`: connections to the port,
//! and each granted action. The notes list the layers that block it, each with its line. Relations that the same layer
//! blocks are one finding. Layers that depend on values of the deployment are not reported.
//!
//! # Why it matters
//!
//! The caller gets an error at run time, although the program declares the relation.
//!
//! # Fix
//!
//! Open the layer that the help text names, or remove the relation. If the finding is wrong, add an exception for the
//! source of the relation only: `orders.allow("MS1225", "why", "2027-01-31")`. `meshsynth reach --from … --to … --why` shows all
//! layers.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html>

#[cfg(test)]
mod tests {
    // The command line evaluates the output; its tests contain both cases for each layer.
    #[test]
    fn reports_a_blocked_relation() {
        let found = crate::reach::blocked_relation("`orders` calls `payments` and does not reach it");
        assert!(found.is_error() && found.code == "MS1225");
    }
}
