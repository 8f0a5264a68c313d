//! What names something that exists already is not its ARN or its id.
//!
//! An import refers to a thing by what AWS calls it. A name, an alias, a shortened ARN or the id of another kind of thing
//! makes a valid template that fails when it is deployed, or a policy whose statement is about nothing.
//!
//! Write the whole ARN, or the id with its beginning, as the console of the service shows them. Where another stack or a
//! parameter knows it, read it at deployment: `Val::exported("name")` or `ssm::existing(&stack, "/path")`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

#[cfg(test)]
mod tests {
    use crate::kms::{ExistingKey, Key};
    use crate::testing::{codes, stack};

    fn importing(arn: &str) -> Vec<&'static str> {
        codes(|app| {
            // A stack with nothing but imports would be empty.
            let data = stack(app, "data");
            crate::ssm::Parameter::new(&data, "name", "name", "value", Default::default());
            Key::import(&data, "key", ExistingKey::arn(arn));
        })
    }

    #[test]
    fn an_alias_or_a_bare_id_is_an_error() {
        assert_eq!(importing("alias/orders"), ["MS0130"]);
        assert_eq!(importing("1234abcd-12ab-34cd-56ef-1234567890ab"), ["MS0130"]);
    }

    #[test]
    fn a_whole_arn_is_fine() {
        let arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(importing(arn), [""; 0]);
    }
}
