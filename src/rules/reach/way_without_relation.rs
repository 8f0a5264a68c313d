//! A source can access a store or a workload, but no relation of the program requires this access.
//!
//! # What it reports
//!
//! The finding is a warning. These accesses are checked:
//!
//! - Access to a database, cache or broker from the internet, workloads and functions: the network and the login allow
//!   it.
//! - Access to a bucket, table, queue, topic, secret, parameter or key: a permission allows it.
//! - Access to a workload from the internet and from workloads of its cluster.
//!
//! An access is declared by `calls`, `allow_from`, `grant_*` or an entry of the construct, its parent, or a part of it.
//! Access to a key is also declared by a policy that names the key. Roles of AWS services, gateways and waypoints are
//! not reported. If no policy restricts the workloads of a cluster, all of them are one finding. A program without any
//! relation is not checked.
//!
//! # Why it matters
//!
//! Access that no relation declares does not appear in a review, and an attacker can use it.
//!
//! # Fix
//!
//! Declare the relation, so that a review shows it, or close a layer. The notes list the chain, and the help text lists
//! the smallest set of changes. If the access is intended and not a relation, add an exception with a reason:
//! `db.allow("MS1226", "why", "2027-01-31")`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html>

#[cfg(test)]
mod tests {
    // The command line evaluates the output; its tests contain both cases for each kind of store.
    #[test]
    fn warns_about_undeclared_access() {
        let found = crate::reach::undeclared_connection("`web` reaches `data/db`, but no relation declares this connection");
        assert!(!found.is_error() && found.code == "MS1226");
    }
}
