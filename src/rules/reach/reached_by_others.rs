//! A source has access although an access rule does not list it.
//!
//! # What it reports
//!
//! The access rule `app.only([&orders], &db)`, or `only` in `[[reach]]` of meshsynth.toml, is evaluated for the
//! internet, every workload and every role of the output. Roles of the listed sources count as these sources. The notes
//! list the chain for each other source.
//!
//! # Why it matters
//!
//! A source that the access rule does not list can access the destination.
//!
//! # Fix
//!
//! Close one layer of the chain for this source, or add the source to the access rule.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html>

#[cfg(test)]
mod tests {
    use crate::reach::{Holds, violated_rule};

    // The command line evaluates the output; its tests contain both cases.
    #[test]
    fn reports_access_of_unlisted_sources() {
        assert_eq!(violated_rule(Holds::Only, "`web` reaches `data/db`, which is for `orders` only").code, "MS1221");
    }
}
