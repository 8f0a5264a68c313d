//! Database engines and their properties.

use crate::cfn::rds::global_cluster;
use crate::facts::versions::{mysql, rds};
use crate::text;
use crate::val::{Bag, Val};

/// The engine of an instance and its version.
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
    /// Returns PostgreSQL in a current minor version of 17.
    pub fn postgres() -> Self {
        Self::Postgres(rds::POSTGRES.to_owned())
    }

    /// Returns MySQL in a current minor version of 8.4.
    pub fn mysql() -> Self {
        Self::MySql(mysql::MYSQL.to_owned())
    }

    /// Returns MariaDB in a current minor version of 11.8.
    pub fn mariadb() -> Self {
        Self::MariaDb(mysql::MARIADB.to_owned())
    }

    /// Returns the engine name in the RDS API.
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

    /// Returns the port of the engine.
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

    /// Returns its CloudWatch log types. Each has a log group with a fixed name.
    pub(super) fn logs(&self) -> [&'static str; 2] {
        match self {
            Self::Postgres(_) => ["postgresql", "upgrade"],
            Self::MySql(_) | Self::MariaDb(_) => ["error", "slowquery"],
        }
    }

    /// Returns the server parameters: TLS is required, and slow statements are logged.
    pub(super) fn parameters(&self, extra: Vec<(String, String)>) -> Bag {
        with(&self.dialect().usual("1"), extra)
    }

    /// Returns the display name of the engine and its version.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.dialect().title(), self.version())
    }
}

/// The engine of an Aurora cluster and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuroraEngine {
    /// Aurora PostgreSQL, such as `17.11`.
    Postgres(String),
    /// Aurora MySQL, such as `8.0.mysql_aurora.3.10.4`.
    MySql(String),
}

impl AuroraEngine {
    /// Returns Aurora PostgreSQL in a current minor version of 17.
    pub fn postgres() -> Self {
        Self::Postgres(rds::AURORA_POSTGRES.to_owned())
    }

    /// Returns Aurora MySQL 3 in a version with long-term support, which is compatible with MySQL 8.0.
    pub fn mysql() -> Self {
        Self::MySql(mysql::AURORA_MYSQL.to_owned())
    }

    /// Returns the engine name in the RDS API.
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

    /// Returns the port of the engine.
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

    /// Returns its CloudWatch log types.
    pub(super) fn logs(&self) -> &'static [&'static str] {
        match self {
            Self::Postgres(_) => &["postgresql"],
            Self::MySql(_) => &["audit", "error", "slowquery"],
        }
    }

    /// Returns the cluster parameters: TLS is required, and slow statements, logins and schema changes are
    /// logged.
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

    /// Returns the display name of the engine and its version.
    pub(super) fn title(&self) -> String {
        format!("Aurora {} {}", self.dialect().title(), self.version())
    }

    /// Returns the engine value for the resource type `AWS::RDS::GlobalCluster`.
    pub(super) fn of_global_cluster(&self) -> global_cluster::Engine {
        match self {
            Self::Postgres(_) => global_cluster::Engine::AuroraPostgresql,
            Self::MySql(_) => global_cluster::Engine::AuroraMysql,
        }
    }
}

/// The client protocol.
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

    /// Returns the URL of a database, without a user or a password.
    pub fn url(self, address: Val<String>, port: u16, database: &str) -> Val<String> {
        let (scheme, tls) = match self {
            Self::Postgres => ("postgresql", "sslmode=require"),
            Self::MySql => ("mysql", "ssl-mode=REQUIRED"),
            Self::MariaDb => ("mariadb", "ssl-mode=REQUIRED"),
        };
        text![format!("{scheme}://"), address, format!(":{port}/{database}?{tls}")]
    }

    /// Returns the default parameters of the engine. `on` is the engine's value for a required TLS connection.
    ///
    /// Sources:
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html>,
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.html>
    fn usual(self, on: &'static str) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Postgres => {
                vec![("log_min_duration_statement", "1000"), ("log_statement", "ddl"), ("rds.force_ssl", "1")]
            }
            // Logs are written to files, because RDS does not export log tables to CloudWatch.
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
    fn parameter_family_matches_version() {
        let families = [Engine::postgres(), Engine::mysql(), Engine::mariadb()].map(|engine| engine.family());
        assert_eq!(families, ["postgres17", "mysql8.4", "mariadb11.8"]);
        let families = [AuroraEngine::postgres(), AuroraEngine::mysql()].map(|engine| engine.family());
        assert_eq!(families, ["aurora-postgresql17", "aurora-mysql8.0"]);
    }

    #[test]
    fn user_parameters_override_defaults() {
        let parameters = Engine::mysql().parameters(vec![("long_query_time".into(), "5".into())]);
        let value = |name: &str| parameters.get(name).and_then(|it| it.as_str());
        assert_eq!((value("long_query_time"), value("require_secure_transport")), (Some("5"), Some("1")));
    }
}
