//! RDS does not offer this version of MySQL, MariaDB or Aurora MySQL.
//!
//! # What it reports
//!
//! A version that RDS does not offer or no longer offers is an error. A major version that is newer than the version
//! list of meshsynth is a warning. A version of Aurora MySQL contains the MySQL version and the Aurora version:
//! `8.0.mysql_aurora.3.10.4`.
//!
//! # Why it matters
//!
//! RDS does not create a server with a version that it does not offer.
//!
//! # Fix
//!
//! Use a current minor version of the same major version, or the default version.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html>

use crate::diag::Diagnostic;
use crate::facts::ResourceFacts;
use crate::facts::literals::JUDGED_ON;
use crate::facts::versions::mysql::{self as versions, MAJORS, Offer};
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for Server { id, engine, version } in servers(model) {
        let message = || format!("RDS does not offer {engine} `{version}`");
        match versions::offer(engine, version) {
            Offer::Known(_) => {}
            Offer::Newer => out.push(
                model
                    .warning(id, "MS0316", format!("this version of meshsynth does not recognize {engine} `{version}`"))
                    .help("check that RDS offers this version, and update meshsynth"),
            ),
            Offer::MinorEnded(major) => {
                let (first, second) = major.number;
                let oldest = match engine {
                    "aurora-mysql" if second == 4 => "8.4.mysql_aurora.8.4.7".to_owned(),
                    "aurora-mysql" => format!("{first}.{second}.mysql_aurora.{}.{:02}", first.min(8) - 5, major.oldest),
                    _ => format!("{first}.{second}.{}", major.oldest),
                };
                let message = format!("RDS no longer offers {engine} `{version}`");
                out.push(model.error(id, "MS0316", message).help(format!("use `{oldest}` or newer")));
            }
            Offer::MinorUnknown(newest) => out.push(
                model
                    .error(id, "MS0316", message())
                    .note(format!("the newest version on {JUDGED_ON} was `{newest}`"))
                    .help(format!("did you mean `{newest}`?")),
            ),
            Offer::Unknown => {
                let majors = MAJORS.iter().filter(|major| major.engine == engine);
                let offered: Vec<_> = majors.map(|it| format!("{}.{}", it.number.0, it.number.1)).collect();
                out.push(
                    model
                        .error(id, "MS0316", message())
                        .note(format!("supported major versions are {}", offered.join(", ")))
                        .help(format!("use `{}`", usual(engine))),
                );
            }
        }
    }
}

/// A server with one of these engines, and its version.
pub(super) struct Server<'a> {
    pub id: NodeId,
    pub engine: &'a str,
    pub version: &'a str,
}

/// Returns the instances and clusters that specify a version of MySQL or MariaDB.
pub(super) fn servers(model: &Model) -> impl Iterator<Item = Server<'_>> {
    let is_database = |it: &ResourceFacts| it.version.is_some() && it.type_name.starts_with("AWS::RDS::");
    model.resources_with(is_database).filter_map(|(id, resource)| {
        let engine = resource.props.get("Engine").and_then(Data::as_str)?;
        let version = resource.props.get("EngineVersion").and_then(Data::as_str)?;
        MAJORS.iter().any(|major| major.engine == engine).then_some(Server { id, engine, version })
    })
}

/// Returns the default version of an engine.
pub(super) fn usual(engine: &str) -> &'static str {
    match engine {
        "mysql" => versions::MYSQL,
        "mariadb" => versions::MARIADB,
        _ => versions::AURORA_MYSQL,
    }
}

#[cfg(test)]
mod tests {
    use super::super::unsupported_postgres_version::tests::{cluster, database};
    use crate::rds::{AuroraEngine, DatabaseProps, Engine};
    use crate::testing::codes;

    fn of(engine: Engine) -> Vec<&'static str> {
        codes(|app| database(app, DatabaseProps { engine, ..Default::default() }))
    }

    fn of_aurora(version: &str) -> Vec<&'static str> {
        codes(|app| cluster(app, AuroraEngine::MySql(version.to_owned())))
    }

    #[test]
    fn reports_versions_that_are_not_offered() {
        for version in ["8.0.11", "8.0.99", "8.4.3", "8.4.99", "5.6.51", "8", "eight"] {
            assert_eq!(of(Engine::MySql(version.to_owned())), ["MS0316"], "{version}");
        }
        for version in ["10.6.25", "10.11.99", "11.8.81"] {
            assert_eq!(of(Engine::MariaDb(version.to_owned())), ["MS0316"], "{version}");
        }
        assert_eq!(of_aurora("8.0.mysql_aurora.3.99.0"), ["MS0316"]);
        assert_eq!(of_aurora("8.0.mysql_aurora.3.02.0"), ["MS0316"]);
        assert_eq!(of_aurora("8.0.36"), ["MS0316"]);
    }

    #[test]
    fn warns_about_a_newer_major_version() {
        assert_eq!(of(Engine::MySql("9.7.1".to_owned())), ["MS0316"]);
    }

    #[test]
    fn accepts_current_versions() {
        for engine in [Engine::mysql(), Engine::mariadb(), Engine::MySql("8.4".to_owned())] {
            assert_eq!(of(engine), [""; 0]);
        }
        for version in ["8.0.mysql_aurora.3.10.4", "8.0.mysql_aurora.3.04.6", "8.4.mysql_aurora.8.4.8"] {
            assert_eq!(of_aurora(version), [""; 0]);
        }
    }
}
