//! The tables `[[stack]]`: names of the stacks of templates, if no other source specifies them.

use toml::Spanned;
use toml::de::DeValue;

use meshsynth_model::problem::Problem;

use super::keys;
use super::reader::Reader;

/// The name of the stack that a template is deployed as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackName {
    /// The template: the end of its path, or its file name without the template suffix.
    pub template: String,
    /// The name of the stack.
    pub name: String,
    /// The region.
    pub region: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The position of the table in the file.
    pub place: String,
}

impl Reader<'_> {
    /// Reads the tables `[[stack]]`.
    pub(super) fn stack_names(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<StackName>, Problem> {
        let wanted = "tables, each `[[stack]]`";
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong_type("stack", value, wanted))?;
        array.iter().map(|it| self.stack_name(it)).collect()
    }

    fn stack_name(&self, value: &Spanned<DeValue<'_>>) -> Result<StackName, Problem> {
        let place = self.problem(value.span(), "").place.unwrap_or_default();
        let (mut template, mut name, mut region, mut account) = (None, None, None, None);
        for (key, span, value) in self.rows(&keys::STACK, "stack", value)? {
            let into = match key {
                "account" => &mut account,
                "name" => &mut name,
                "region" => &mut region,
                "template" => &mut template,
                _ => return Err(self.unsupported(&keys::STACK, "stack", key, span)),
            };
            *into = Some(self.text_of(&format!("stack.{key}"), value)?);
        }
        match (template, name) {
            (Some(template), Some(name)) => Ok(StackName { template, name, region, account, place }),
            _ => Err(self
                .problem(value.span(), "`[[stack]]` requires `template` and `name`")
                .help("template = \"network/template.yaml\"\nname = \"prod-network\"")),
        }
    }
}
