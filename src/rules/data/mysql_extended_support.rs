//! A MySQL version is in paid extended support.
//!
//! # What it reports
//!
//! A DB instance or DB cluster uses a major version of MySQL, MariaDB or Aurora MySQL whose standard support has ended.
//! The finding is a warning.
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

use crate::diag::Diagnostic;
use crate::facts::versions::mysql::{self as versions, Offer};
use crate::synth::{Link, Model};

use super::unsupported_mysql_version::{servers, usual};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for server in servers(model) {
        let Offer::Known(major) = versions::offer(server.engine, server.version) else { continue };
        let Some(since) = major.extended_since else { continue };
        let message =
            format!("{} {}.{} is in paid extended support since {since}", server.engine, major.number.0, major.number.1);
        let help = format!("use `{}`, or accept the charge", usual(server.engine));
        out.push(model.warning(server.id, "MS0317", message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::super::unsupported_postgres_version::tests::{cluster, database};
    use crate::rds::{AuroraEngine, DatabaseProps, Engine};
    use crate::testing::codes;

    fn mysql(version: &str) -> Vec<&'static str> {
        let engine = Engine::MySql(version.to_owned());
        codes(|app| database(app, DatabaseProps { engine, ..Default::default() }))
    }

    #[test]
    fn warns_about_extended_support() {
        assert_eq!(mysql("8.0.46"), ["MS0317"]);
        assert_eq!(mysql("5.7.44-rds.20260212"), ["MS0317"]);
        let aurora = AuroraEngine::MySql("5.7.mysql_aurora.2.12.6".to_owned());
        assert_eq!(codes(|app| cluster(app, aurora)), ["MS0317"]);
    }

    #[test]
    fn accepts_standard_support() {
        assert_eq!(mysql("8.4.9"), [""; 0]);
    }
}
