//! Somebody reaches a store or a workload, and no relation of the program asks for it.
//!
//! A store is asked for the internet, every workload and every function: a database, a cache or a broker is reached where the
//! network and its login let somebody in; a bucket, a table, a queue, a topic, a secret, a parameter or a key where a
//! permission does. A workload is asked for the internet and the workloads of its cluster. A way is asked for by `calls`,
//! `allow_from`, `grant_*`, or an entry, of the construct, of what it is a part of, or of what is a part of it; one into a key also by a
//! policy that names the key. Roles of AWS's services, gateways and waypoints are there for such ways. Where no policy is about the workloads of a cluster,
//! all of them are one finding. A program that declares no relation at all is not asked.
//!
//! Declare the relation, so that a review sees it; or close the way: the notes are the chain, and the help the fewest changes.
//! A way that is meant and is not a relation passes with a reason: `db.allow("MS1226", "why", "2027-01-31")`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html>

#[cfg(test)]
mod tests {
    // The command line asks the output; its tests hold both cases, for each kind of store.
    #[test]
    fn what_nothing_asks_for_is_a_warning() {
        let found = crate::reach::asked_for_by_nothing("`web` reaches `data/db`, and no relation asks for it");
        assert!(!found.is_error() && found.code == "MS1226");
    }
}
