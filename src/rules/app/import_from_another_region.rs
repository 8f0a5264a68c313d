//! Something that exists already is imported into a stack of another region.
//!
//! Most things of AWS are known in their own region alone: a key encrypts there, a security group admits there, a load
//! balancer leads there. A template that names one from another region is valid and fails when it is deployed.
//!
//! Import it in a stack of its own region, or use the one of the stack's region: a replica of a multi-Region key, a
//! certificate that was requested there too.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

#[cfg(test)]
mod tests {
    use crate::kms::{ExistingKey, Key};
    use crate::testing::{codes, stack};

    fn importing(region: &str) -> Vec<&'static str> {
        codes(|app| {
            let data = stack(app, "data");
            crate::ssm::Parameter::new(&data, "name", "name", "value", Default::default());
            let arn = format!("arn:aws:kms:{region}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
            Key::import(&data, "key", ExistingKey::arn(arn));
        })
    }

    #[test]
    fn a_key_of_another_region_is_an_error() {
        assert_eq!(importing("eu-west-1"), ["MS0131"]);
    }

    #[test]
    fn a_key_of_the_region_of_the_stack_is_fine() {
        assert_eq!(importing("ap-northeast-1"), [""; 0]);
    }
}
