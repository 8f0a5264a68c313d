//! The storage of a database is too small, or its maximum leaves too little room to grow.
//!
//! # What it reports
//!
//! The rule reports two cases:
//!
//! - PostgreSQL, MySQL or MariaDB on general-purpose storage has less than 20 GiB.
//! - `MaxAllocatedStorage` is less than 10 % above `AllocatedStorage`.
//!
//! # Why it matters
//!
//! RDS needs at least 20 GiB of general-purpose storage, and grows storage in steps of at least 10 %. It rejects other
//! values.
//!
//! # Fix
//!
//! Increase the storage or its maximum. To turn off storage autoscaling, set the maximum of `rds::Database` to a value
//! that is not above its storage.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, instance) in model.of_type("AWS::RDS::DBInstance") {
        let number = |name: &str| instance.props.get(name).and_then(|data| data.to_text().parse::<i64>().ok());
        let text = |name: &str| instance.props.get(name).and_then(Data::as_str).unwrap_or_default();
        let Some(storage) = number("AllocatedStorage") else { continue };
        let is_general = matches!(text("StorageType"), "gp2" | "gp3");
        if matches!(text("Engine"), "postgres" | "mysql" | "mariadb") && is_general && storage < 20 {
            out.push(
                model
                    .error(id, "MS0306", format!("the allocated storage is {storage} GiB; the minimum is 20 GiB"))
                    .help("set the storage to 20 GiB or more"),
            );
        } else if let Some(max) = number("MaxAllocatedStorage")
            && max * 10 < storage * 11
        {
            let least = (storage * 11 + 9) / 10;
            out.push(
                model
                    .error(
                        id,
                        "MS0306",
                        format!("the allocated storage is {storage} GiB and its maximum is {max} GiB; the maximum must be at least {least} GiB"),
                    )
                    .help(format!("raise the maximum to {least} GiB or more")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::unsupported_postgres_version::tests::database;
    use crate::Gib;
    use crate::rds::DatabaseProps;
    use crate::testing::codes;

    fn storage(app: &crate::App, storage: u32, max_storage: u32) {
        database(app, DatabaseProps { storage: Gib(storage), max_storage: Gib(max_storage), ..Default::default() });
    }

    #[test]
    fn reports_storage_below_the_minimum() {
        assert_eq!(codes(|app| storage(app, 10, 100)), ["MS0306"]);
    }

    #[test]
    fn reports_a_maximum_too_close_to_the_initial_storage() {
        assert_eq!(codes(|app| storage(app, 100, 105)), ["MS0306"]);
    }

    #[test]
    fn accepts_a_sufficient_maximum_and_no_maximum() {
        assert_eq!(codes(|app| storage(app, 20, 22)), [""; 0]);
        assert_eq!(codes(|app| storage(app, 100, 100)), [""; 0]);
    }
}
