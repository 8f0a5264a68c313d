//! What a database server runs, and what follows from it.

use crate::cfn::rds::global_cluster;
use crate::facts::versions::{mysql, rds};
use crate::text;
use crate::val::{Bag, Val};

/// What an instance runs, and its version.
///
/// ```
/// use meshsynth::rds::Engine;
/// let (pinned, current) = (Engine::MySql("8.4.9".into()), Engine::mysql());
/// assert_eq!(pinned.port(), 3306);
/// # assert_eq!(current.word(), "mysql");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL, such as `17.11`.
    Postgres(String),
    /// MySQL, such as `8.4.9`.
    MySql(String),
    /// MariaDB, such as `11.8.6`.
    MariaDb(String),
}

impl Engine {
    /// PostgreSQL in a current minor version of 17.
    pub fn postgres() -> Self {
        Self::Postgres(rds::POSTGRES.to_owned())
    }

    /// MySQL in a current minor version of 8.4.
    pub fn mysql() -> Self {
        Self::MySql(mysql::MYSQL.to_owned())
    }

    /// MariaDB in a current minor version of 11.8.
    pub fn mariadb() -> Self {
        Self::MariaDb(mysql::MARIADB.to_owned())
    }

    /// Returns the engine in the terms of RDS.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::MySql(_) => "mysql",
            Self::MariaDb(_) => "mariadb",
        }
    }

    /// Returns the version.
    pub fn version(&self) -> &str {
        match self {
            Self::Postgres(version) | Self::MySql(version) | Self::MariaDb(version) => version,
        }
    }

    /// Returns the port that it listens on.
    pub fn port(&self) -> u16 {
        self.dialect().port()
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_) => Dialect::MySql,
            Self::MariaDb(_) => Dialect::MariaDb,
        }
    }

    pub(super) fn family(&self) -> String {
        family(self.word(), self.version())
    }

    /// What it sends to CloudWatch, each to a log group of a fixed name.
    pub(super) fn logs(&self) -> [&'static str; 2] {
        match self {
            Self::Postgres(_) => ["postgresql", "upgrade"],
            Self::MySql(_) | Self::MariaDb(_) => ["error", "slowquery"],
        }
    }

    /// Parameters of the server: TLS is a must, slow statements are logged.
    pub(super) fn parameters(&self, extra: Vec<(String, String)>) -> Bag {
        with(&self.dialect().usual("1"), extra)
    }

    /// Returns the engine and its version, as people write them.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.dialect().title(), self.version())
    }
}

/// What an Aurora cluster runs, and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuroraEngine {
    /// Aurora PostgreSQL, such as `17.11`.
    Postgres(String),
    /// Aurora MySQL, such as `8.0.mysql_aurora.3.10.4`.
    MySql(String),
}

impl AuroraEngine {
    /// Aurora PostgreSQL in a current minor version of 17.
    pub fn postgres() -> Self {
        Self::Postgres(rds::AURORA_POSTGRES.to_owned())
    }

    /// Aurora MySQL 3 in a version with long-term support, which speaks MySQL 8.0.
    pub fn mysql() -> Self {
        Self::MySql(mysql::AURORA_MYSQL.to_owned())
    }

    /// Returns the engine in the terms of RDS.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "aurora-postgresql",
            Self::MySql(_) => "aurora-mysql",
        }
    }

    /// Returns the version.
    pub fn version(&self) -> &str {
        match self {
            Self::Postgres(version) | Self::MySql(version) => version,
        }
    }

    /// Returns the port that it listens on.
    pub fn port(&self) -> u16 {
        self.dialect().port()
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_) => Dialect::MySql,
        }
    }

    pub(super) fn family(&self) -> String {
        family(self.word(), self.version())
    }

    /// What it sends to CloudWatch.
    pub(super) fn logs(&self) -> &'static [&'static str] {
        match self {
            Self::Postgres(_) => &["postgresql"],
            Self::MySql(_) => &["audit", "error", "slowquery"],
        }
    }

    /// Parameters of the cluster: TLS is a must, slow statements, logins and changes of the schema are logged.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html>
    pub(super) fn parameters(&self, extra: Vec<(String, String)>) -> Bag {
        let mut usual = self.dialect().usual("ON");
        if let Self::MySql(_) = self {
            usual.push(("server_audit_events", "CONNECT,QUERY_DCL,QUERY_DDL"));
            usual.push(("server_audit_logging", "1"));
        }
        with(&usual, extra)
    }

    /// Returns the engine and its version, as people write them.
    pub(super) fn title(&self) -> String {
        format!("Aurora {} {}", self.dialect().title(), self.version())
    }

    /// Returns the engine as a global cluster names it.
    pub(super) fn of_global_cluster(&self) -> global_cluster::Engine {
        match self {
            Self::Postgres(_) => global_cluster::Engine::AuroraPostgresql,
            Self::MySql(_) => global_cluster::Engine::AuroraMysql,
        }
    }
}

/// What clients speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Postgres,
    MySql,
    MariaDb,
}

impl Dialect {
    pub fn port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::MySql | Self::MariaDb => 3306,
        }
    }

    /// Returns the name of the master user.
    pub fn user(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql | Self::MariaDb => "admin",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
        }
    }

    /// Where a database is, without a user or a password.
    pub fn url(self, address: Val<String>, port: u16, database: &str) -> Val<String> {
        let (scheme, tls) = match self {
            Self::Postgres => ("postgresql", "sslmode=require"),
            Self::MySql => ("mysql", "ssl-mode=REQUIRED"),
            Self::MariaDb => ("mariadb", "ssl-mode=REQUIRED"),
        };
        text![format!("{scheme}://"), address, format!(":{port}/{database}?{tls}")]
    }

    /// Parameters that every server gets; `on` is how its engine says that TLS is a must.
    ///
    /// Sources:
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html>,
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.html>
    fn usual(self, on: &'static str) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Postgres => {
                vec![("log_min_duration_statement", "1000"), ("log_statement", "ddl"), ("rds.force_ssl", "1")]
            }
            // In files, since what lies in tables is not sent to CloudWatch.
            Self::MySql | Self::MariaDb => vec![
                ("log_output", "FILE"),
                ("long_query_time", "1"),
                ("require_secure_transport", on),
                ("slow_query_log", "1"),
            ],
        }
    }
}

fn family(engine: &str, version: &str) -> String {
    match engine {
        "postgres" | "aurora-postgresql" => format!("{engine}{}", rds::major(version)),
        _ => mysql::family(engine, version),
    }
}

fn with(usual: &[(&'static str, &'static str)], extra: Vec<(String, String)>) -> Bag {
    let usual = usual.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    usual.chain(extra).collect()
}

#[cfg(test)]
mod tests {
    use super::{AuroraEngine, Engine};

    #[test]
    fn a_parameter_group_is_of_the_family_of_the_version() {
        let families = [Engine::postgres(), Engine::mysql(), Engine::mariadb()].map(|engine| engine.family());
        assert_eq!(families, ["postgres17", "mysql8.4", "mariadb11.8"]);
        let families = [AuroraEngine::postgres(), AuroraEngine::mysql()].map(|engine| engine.family());
        assert_eq!(families, ["aurora-postgresql17", "aurora-mysql8.0"]);
    }

    #[test]
    fn a_parameter_of_ones_own_replaces_the_usual_one() {
        let parameters = Engine::mysql().parameters(vec![("long_query_time".into(), "5".into())]);
        let value = |name: &str| parameters.get(name).and_then(|it| it.as_str());
        assert_eq!((value("long_query_time"), value("require_secure_transport")), (Some("5"), Some("1")));
    }
}
