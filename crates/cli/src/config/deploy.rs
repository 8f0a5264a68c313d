//! The tables `[deploy.<app>-<environment>]`: deployment settings of an app in an environment.

use std::collections::BTreeMap;
use std::ops::Range;

use meshsynth_diff::gates::Gate;
use meshsynth_model::problem::Problem;
use toml::Spanned;
use toml::de::DeValue;

use super::keys;
use super::reader::{Reader, entries};

/// The deployment settings of an app in an environment: a table `[deploy.<app>-<environment>]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deploy {
    /// The IAM role to assume; `{account}` is replaced by the account of each stack.
    pub role: Option<String>,
    /// The external ID that the trust policy of the role requires.
    pub external_id: Option<String>,
    /// The service role of CloudFormation.
    pub service_role: Option<String>,
    /// The bucket for large templates.
    pub bucket: Option<String>,
    /// A file with the stack policy of all stacks, below the folder of the project.
    pub stack_policy: Option<String>,
    /// Whether termination protection is enabled for stacks. By default, it is enabled for stacks with stateful
    /// resources.
    pub protect: Option<bool>,
    /// The closed gates, which replace those of `[diff]`.
    pub deny: Option<Vec<Gate>>,
    /// The deployment order of regions. Regions that are not listed come last.
    pub regions: Vec<String>,
}

impl Reader<'_> {
    /// Reads the tables by the name of the app in its environment, each with its position.
    pub(super) fn deploys(
        &self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<BTreeMap<String, (Range<usize>, Deploy)>, Problem> {
        let mut deploys = BTreeMap::new();
        for (name, span, value) in entries(self.table_of("deploy", value)?) {
            let table = format!("deploy.{name}");
            let mut deploy = Deploy::default();
            for (key, span, value) in self.rows(&keys::DEPLOY, &table, value)? {
                let path = format!("{table}.{key}");
                let text = || self.text_of(&path, value).map(Some);
                match key {
                    "bucket" => deploy.bucket = text()?,
                    "deny" => deploy.deny.get_or_insert_default().extend(self.gates(&path, value)?),
                    "mass-delete" | "regions-at-once" => {
                        deploy.deny.get_or_insert_default().push(self.limit(&path, key, value)?);
                    }
                    "external_id" => deploy.external_id = text()?,
                    "protect" => match value.get_ref().as_bool() {
                        Some(protect) => deploy.protect = Some(protect),
                        None => return Err(self.wrong_type(&path, value, "`true` or `false`")),
                    },
                    "regions" => {
                        deploy.regions = self.texts_of(&path, value)?.into_iter().map(|(region, _)| region).collect();
                    }
                    "role" => deploy.role = text()?,
                    "service_role" => deploy.service_role = text()?,
                    "stack_policy" => deploy.stack_policy = text()?,
                    _ => return Err(self.unsupported(&keys::DEPLOY, &table, key, span)),
                }
            }
            deploys.insert(name.to_owned(), (span, deploy));
        }
        Ok(deploys)
    }
}
