//! A relation that the program declares does not arrive: something stops it.
//!
//! `orders.calls(&payments)`, `db.allow_from(&orders)` and `bucket.grant_read(&orders)` open every layer that they know of. What
//! is written beside them can close one again: a network policy, a `DENY` or another `ALLOW` policy, strict mutual TLS before a
//! caller without a proxy, a `Sidecar` that does not list the host, a route, a network ACL or a security group that
//! lacks, a boundary or a `Deny` statement, a key policy, a trust policy. `meshsynth synth` asks the output for each
//! declared relation, as `meshsynth reach` does: connections to the port, and each action that was granted. The notes are what stops it, each with
//! its line; several relations that one thing stops are one finding. What only a deployment decides is not told.
//!
//! Open what the help names, or take the relation back. `meshsynth reach --from … --to … --why` shows every layer.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html>

#[cfg(test)]
mod tests {
    // The command line asks the output; its tests hold both cases, for each layer.
    #[test]
    fn what_is_declared_and_stopped_is_an_error() {
        let found = crate::reach::does_not_arrive("`orders` calls `payments` and does not reach it");
        assert!(found.is_error() && found.code == "MS1225");
    }
}
