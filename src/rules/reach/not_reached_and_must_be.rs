//! An access that an access rule requires is blocked.
//!
//! # What it reports
//!
//! The access rule `app.always(&orders, &payments)`, or `always` in `[[reach]]` of meshsynth.toml, is evaluated for the
//! output. At least one layer blocks the request. The notes list the layers that block it, each with its line.
//!
//! # Why it matters
//!
//! The source cannot use the destination after the deployment.
//!
//! # Fix
//!
//! Open each of these layers. `allow_from`, `calls` and `grant_*` open all layers of a relation.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html>

#[cfg(test)]
mod tests {
    use crate::reach::{Holds, violated_rule};

    // The command line evaluates the output; its tests contain both cases.
    #[test]
    fn reports_blocked_access() {
        assert_eq!(violated_rule(Holds::Always, "`orders` does not reach `payments`").code, "MS1222");
    }
}
