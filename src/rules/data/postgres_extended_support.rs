//! A PostgreSQL version is in paid extended support.
//!
//! # What it reports
//!
//! A DB instance or DB cluster uses a major version of PostgreSQL or Aurora PostgreSQL whose standard support has
//! ended. The finding is a warning.
//!
//! # Why it matters
//!
//! After the community ends a major version, RDS continues with paid extended support. RDS charges extra for each vCPU
//! hour, and doubles the charge in the third year. It enrolls new databases automatically.
//!
//! # Fix
//!
//! Use a major version in standard support. The upgrade of an existing database needs a maintenance window and a test.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/extended-support.html>

use crate::facts::versions::rds::{self as versions, Offer};
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};

use super::unsupported_postgres_version::servers;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for server in servers(model) {
        let Offer::Known(major) = versions::offer(server.version, server.is_aurora) else { continue };
        let Some(since) = major.extended_since else { continue };
        let message = format!("PostgreSQL {} is in paid extended support since {since}", major.number);
        let help = format!("use `{}`, or accept the charge", versions::POSTGRES);
        out.push(model.warning(server.id, "MS0305", message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::super::unsupported_postgres_version::tests::{aurora, postgres};
    use crate::testing::codes;

    #[test]
    fn warns_about_extended_support() {
        assert_eq!(codes(|app| postgres(app, "13.23")), ["MS0305"]);
        assert_eq!(codes(|app| postgres(app, "12.22-rds.20260514")), ["MS0305"]);
        assert_eq!(codes(|app| aurora(app, "13.23")), ["MS0305"]);
    }

    #[test]
    fn accepts_standard_support() {
        assert_eq!(codes(|app| postgres(app, "14.24")), [""; 0]);
    }
}
