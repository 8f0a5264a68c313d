//! A resource is imported into a stack of another region.
//!
//! # What it reports
//!
//! The region in the ARN of an imported resource differs from the region of the stack. ARNs without a region, and ARNs
//! that are known only at deployment, are not checked.
//!
//! # Why it matters
//!
//! Most AWS resources can be used only in their own region: a key encrypts data there, and a security group or load
//! balancer belongs to a network there. The template is valid, but its deployment fails.
//!
//! # Fix
//!
//! Import the resource in a stack of its own region. Alternatively, use an equivalent resource in the region of the
//! stack, such as a replica of a multi-Region key or a certificate that was also requested there.
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
    fn reports_a_key_of_another_region() {
        assert_eq!(importing("eu-west-1"), ["MS0131"]);
    }

    #[test]
    fn accepts_a_key_in_the_region_of_the_stack() {
        assert_eq!(importing("ap-northeast-1"), [""; 0]);
    }
}
