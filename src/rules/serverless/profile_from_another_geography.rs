//! An inference profile of Bedrock is called from a region that it does not have.
//!
//! A cross-region inference profile belongs to a geography, such as `eu.`. It
//! exists in the regions of that geography alone; Bedrock answers anywhere else
//! that the model identifier is invalid.
//!
//! Use the profile of the region's own geography, or `Geography::Global`. Where
//! a model has other regions than the list, name them by `Geography::Regions`.
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
    fn a_profile_of_europe_in_tokyo_is_an_error() {
        assert_eq!(with(Geography::Eu), ["MS0336"]);
    }

    #[test]
    fn a_profile_of_the_region_is_fine() {
        assert_eq!(with(Geography::Apac), [""; 0]);
        let own = Geography::Regions("ca".to_owned(), vec!["ap-northeast-1".to_owned()]);
        assert_eq!(with(own), [""; 0]);
    }
}
