//! An access that a rule forbids is possible.
//!
//! # What it reports
//!
//! The rule `app.never(Internet, &db)`, or `never` in `[[reach]]` of meshsynth.toml, is evaluated for the output. All
//! layers together allow the request: routes, network ACLs, security groups, network policies, the mesh, trust
//! policies, permissions, keys and logins. The notes list the chain from the outside to the inside, each with its line.
//!
//! # Why it matters
//!
//! The source can access the destination, although the access rule forbids it.
//!
//! # Fix
//!
//! Close one layer of the chain, preferably the innermost. `meshsynth reach --from … --to … --why` shows the chain
//! again.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/how-reachability-analyzer-works.html>

#[cfg(test)]
mod tests {
    use crate::reach::{Holds, violated_rule};

    // The command line evaluates the output; its tests contain both cases.
    #[test]
    fn reports_forbidden_access() {
        let found = violated_rule(Holds::Never, "`internet` reaches `data/db`");
        assert!(found.is_error() && found.code == "MS1220");
    }
}
