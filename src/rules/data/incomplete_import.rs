//! A relation needs something of an imported thing that nobody gave.
//!
//! What exists already is known by what the program says of it: a database
//! without its resource id cannot be logged in to with IAM, one without its
//! secret gives nobody a password, an encrypted queue without its key cannot
//! be opened to a service.
//!
//! Give the field where the thing is imported. Of a bare construct, say it by the
//! method that is named after it, such as `with_network`.
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
    fn a_field_that_is_needed_and_not_given_is_an_error() {
        assert_eq!(codes(|app| secret_of_imported(app, false)), ["MS0318"]);
    }

    #[test]
    fn a_field_that_is_given_is_used() {
        assert_eq!(codes(|app| secret_of_imported(app, true)), [""; 0]);
    }
}
