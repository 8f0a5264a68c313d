//! A relation needs a field that the import does not specify.
//!
//! # What it reports
//!
//! A relation uses an imported resource or a bare construct, and needs a field that the program does not specify.
//! Examples:
//!
//! - Login with IAM needs the resource ID of a database.
//! - Reading a password needs the secret of a database or cache.
//! - Access of an AWS service to an encrypted queue needs the key of the queue.
//! - A load balancer needs the subnets of a tier of an imported network.
//!
//! # Why it matters
//!
//! meshsynth does not query AWS, so only the fields that the program specifies are known for an existing resource.
//! Without the field, the permission or object of the relation cannot be generated.
//!
//! # Fix
//!
//! Set the field in the import. For a bare construct, call the method that is named after the field, such as
//! `with_network`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html>

#[cfg(test)]
mod tests {
    use crate::aws::security::{ExistingSecurityGroup, SecurityGroup};
    use crate::rds::{Database, ExistingDatabase};
    use crate::testing::{codes, stack};
    use crate::{App, aws};

    fn secret_of_imported(app: &App, is_known: bool) {
        let data = stack(app, "data");
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        let arn = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:legacy-a1b2c3";
        let secret = is_known.then(|| crate::secrets::Secret::import(&data, "login", arn));
        let group = SecurityGroup::import(&data, "group", ExistingSecurityGroup::id("sg-0a1b2c3d4e5f60718"));
        let existing = ExistingDatabase { secret, ..ExistingDatabase::new("legacy", "legacy.internal", &group, &vpc) };
        Database::import(&data, "legacy", existing).secret();
    }

    #[test]
    fn reports_a_required_field_that_is_not_set() {
        assert_eq!(codes(|app| secret_of_imported(app, false)), ["MS0318"]);
    }

    #[test]
    fn accepts_a_field_that_is_set() {
        assert_eq!(codes(|app| secret_of_imported(app, true)), [""; 0]);
    }
}
