//! The tables `[[lose]]`: rules for what must survive a failure.

use meshsynth_model::problem::Problem;
use meshsynth_reach::loss::Asked;
use toml::Spanned;
use toml::de::DeValue;

use super::keys;
use super::reader::Reader;

/// A failure rule of the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lose {
    /// The app, or the app in its environment, that the rule applies to; `None` for all.
    pub app: Option<String>,
    /// The failure to simulate; `any` for each zone or each region separately.
    pub asked: Asked,
    /// The survivors that the rule requires: kinds such as `entries`, and names.
    pub keep: Vec<String>,
    /// Whether the rule passes if the result depends on values that exist only after a deployment.
    pub is_unknown_fine: bool,
    /// The position of the table in the file.
    pub place: String,
}

impl Lose {
    /// Whether the rule applies to an app in an environment, by either of its names.
    pub fn is_about(&self, app: &str, target: &str) -> bool {
        self.app.as_deref().is_none_or(|it| it == app || it == target)
    }
}

impl Reader<'_> {
    /// Reads the tables `[[lose]]`.
    pub(super) fn loses(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<Lose>, Problem> {
        let wanted = "tables, each `[[lose]]`";
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong_type("lose", value, wanted))?;
        array.iter().map(|it| self.lose(it)).collect()
    }

    fn lose(&self, value: &Spanned<DeValue<'_>>) -> Result<Lose, Problem> {
        let mut rule = Lose { place: self.problem(value.span(), "").place.unwrap_or_default(), ..Lose::default() };
        for (key, span, value) in self.rows(&keys::LOSE, "lose", value)? {
            let path = format!("lose.{key}");
            match key {
                "app" => rule.app = Some(self.text_of(&path, value)?),
                "zone" => rule.asked.zones = self.one_or_more(&path, value)?,
                "region" => rule.asked.regions = self.one_or_more(&path, value)?,
                "cluster" => rule.asked.clusters = self.one_or_more(&path, value)?,
                "node-group" => rule.asked.node_groups = self.one_or_more(&path, value)?,
                "workload" => rule.asked.workloads = self.one_or_more(&path, value)?,
                "store" => rule.asked.stores = self.one_or_more(&path, value)?,
                "keep" => rule.keep = self.one_or_more(&path, value)?,
                "unknown" => {
                    rule.is_unknown_fine = match value.get_ref().as_str() {
                        Some("pass") => true,
                        Some("fail") => false,
                        _ => return Err(self.wrong_type(&path, value, "`pass` or `fail`")),
                    }
                }
                _ => return Err(self.unsupported(&keys::LOSE, "lose", key, span)),
            }
        }
        if rule.asked == Asked::default() || rule.keep.is_empty() {
            let help = "such as:\n\n[[lose]]\nzone = \"any\"\nkeep = [\"entries\", \"orders-db\"]";
            return Err(self
                .problem(value.span(), "a rule requires the lost resource, such as `zone`, and `keep`")
                .help(help));
        }
        Ok(rule)
    }

    /// Reads a text or a list of texts.
    fn one_or_more(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, Problem> {
        match value.get_ref().as_str() {
            Some(_) => Ok(vec![self.text_of(path, value)?]),
            None => Ok(self.texts_of(path, value)?.into_iter().map(|it| it.0).collect()),
        }
    }
}
