//! A Bedrock inference profile is called from a region that it does not support.
//!
//! # What it reports
//!
//! A cross-region inference profile, such as `eu.`, is used in a stack whose region is not in the list of its
//! geography. `Geography::Global` supports all regions.
//!
//! # Why it matters
//!
//! A cross-region inference profile exists only in the regions of its geography. In other regions, Bedrock responds
//! that the model identifier is invalid.
//!
//! # Fix
//!
//! Use the profile of the region's geography, or `Geography::Global`. If a model supports other regions than the list,
//! specify them with `Geography::Regions`.
//!
//! Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html>

#[cfg(test)]
mod tests {
    use crate::bedrock::{Geography, Model};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{codes, stack};

    fn with(geography: Geography) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let role = Role::new(&run, "caller", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            let model = "anthropic.claude-sonnet-4-20250514-v1:0";
            Model::inference_profile(&run, "claude", geography, model).grant_invoke(&role);
        })
    }

    #[test]
    fn reports_a_profile_of_europe_in_tokyo() {
        assert_eq!(with(Geography::Eu), ["MS0336"]);
    }

    #[test]
    fn accepts_a_profile_of_the_same_geography() {
        assert_eq!(with(Geography::Apac), [""; 0]);
        let own = Geography::Regions("ca".to_owned(), vec!["ap-northeast-1".to_owned()]);
        assert_eq!(with(own), [""; 0]);
    }
}
