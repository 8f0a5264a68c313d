//! RDS does not offer this PostgreSQL version.
//!
//! # What it reports
//!
//! A version that RDS does not offer or no longer offers is an error. A major version that is newer than the version
//! list of meshsynth is a warning.
//!
//! # Why it matters
//!
//! RDS does not create an instance with a version that it has withdrawn. It offers a minor version for about a year. A
//! major version ends three years after the community ends its support.
//!
//! # Fix
//!
//! Use a current minor version of the same major version, or the default version.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html>

use crate::facts::versions::rds::{self as versions, MAJORS, Offer};
use crate::diag::Diagnostic;
use crate::facts::ResourceFacts;
use crate::facts::literals::JUDGED_ON;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for Server { id, engine, version, is_aurora } in servers(model) {
        match versions::offer(version, is_aurora) {
            Offer::Known(_) => {}
            Offer::Newer => out.push(
                model
                    .warning(id, "MS0304", format!("this version of meshsynth does not recognize {engine} `{version}`"))
                    .help("check that RDS offers this version, and update meshsynth"),
            ),
            Offer::MinorEnded(major) => {
                let oldest = if is_aurora { major.oldest_aurora } else { major.oldest };
                out.push(
                    model
                        .error(id, "MS0304", format!("RDS no longer offers {engine} `{version}`"))
                        .help(format!("use `{}.{oldest}` or newer", major.number)),
                );
            }
            Offer::MinorUnknown(major) => {
                let newest = format!("{}.{}", major.number, major.newest);
                out.push(
                    model
                        .error(id, "MS0304", format!("RDS does not offer {engine} `{version}`"))
                        .note(format!("the newest version on {JUDGED_ON} was `{newest}`"))
                        .help(format!("did you mean `{newest}`?")),
                );
            }
            Offer::Unknown => {
                let offered: Vec<_> = MAJORS.iter().rev().map(|major| major.number.to_string()).collect();
                out.push(
                    model
                        .error(id, "MS0304", format!("RDS does not offer {engine} `{version}`"))
                        .note(format!("supported major versions are {}", offered.join(", ")))
                        .help(format!("use `{}`", versions::POSTGRES)),
                );
            }
        }
    }
}

/// A PostgreSQL server and its version.
pub(super) struct Server<'a> {
    pub id: NodeId,
    pub engine: &'a str,
    pub version: &'a str,
    pub is_aurora: bool,
}

/// Returns the instances and clusters that specify a version of PostgreSQL.
pub(super) fn servers(model: &Model) -> impl Iterator<Item = Server<'_>> {
    let is_database = |it: &ResourceFacts| it.version.is_some() && it.type_name.starts_with("AWS::RDS::");
    model.resources_with(is_database).filter_map(|(id, resource)| {
        let engine = resource.props.get("Engine").and_then(Data::as_str)?;
        let version = resource.props.get("EngineVersion").and_then(Data::as_str)?;
        let is_aurora = engine == "aurora-postgresql";
        (is_aurora || engine == "postgres").then_some(Server { id, engine, version, is_aurora })
    })
}

#[cfg(test)]
pub(super) mod tests {
    use crate::aws;
    use crate::rds::{AuroraEngine, Cluster, ClusterProps, Database, DatabaseProps, Engine};
    use crate::testing::{codes, stack, try_synth};

    pub fn database(app: &crate::App, props: DatabaseProps) {
        let data = stack(app, "data");
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        Database::new(&data, "db", &vpc, props);
    }

    pub fn postgres(app: &crate::App, version: &str) {
        database(app, DatabaseProps { engine: Engine::Postgres(version.to_owned()), ..Default::default() });
    }

    pub fn aurora(app: &crate::App, version: &str) {
        cluster(app, AuroraEngine::Postgres(version.to_owned()));
    }

    pub fn cluster(app: &crate::App, engine: AuroraEngine) {
        let data = stack(app, "data");
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        Cluster::new(&data, "db", &vpc, ClusterProps { engine, ..Default::default() });
    }

    #[test]
    fn reports_versions_that_are_not_offered() {
        for version in ["9.6.24", "10.23", "seventeen", "17.1", "17.99"] {
            let failure = try_synth("app", |app| postgres(app, version)).err().unwrap();
            assert_eq!(failure.diagnostics[0].code, "MS0304", "{version}");
        }
        assert_eq!(codes(|app| aurora(app, "16.4")), ["MS0304"]);
    }

    #[test]
    fn warns_about_a_newer_major_version() {
        assert!(try_synth("app", |app| postgres(app, "19.1")).is_ok());
        assert_eq!(codes(|app| postgres(app, "19.1")), ["MS0304"]);
    }

    #[test]
    fn accepts_current_versions() {
        for version in ["17", "17.11", "17.12", "14.18"] {
            assert_eq!(codes(|app| postgres(app, version)), [""; 0], "{version}");
        }
        assert_eq!(codes(|app| aurora(app, "14.6")), [""; 0], "long-term support of Aurora");
    }
}
