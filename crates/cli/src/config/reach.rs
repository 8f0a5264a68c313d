//! The tables `[[reach]]`: required and forbidden connections.

use meshsynth::reach::Holds;
use meshsynth_assembly::ReachRule;
use meshsynth_model::problem::Problem;
use toml::Spanned;
use toml::de::DeValue;

use super::keys;
use super::reader::Reader;

/// A reachability rule of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The app, or the app in its environment, that the rule applies to; `None` for all.
    pub app: Option<String>,
    /// The requirement.
    pub rule: ReachRule,
}

impl Reach {
    /// Whether the rule applies to an app in an environment, by either of its names.
    pub fn is_about(&self, app: &str, target: &str) -> bool {
        self.app.as_deref().is_none_or(|it| it == app || it == target)
    }
}

impl Reader<'_> {
    /// Reads the tables `[[reach]]`.
    pub(super) fn reaches(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<Reach>, Problem> {
        let wanted = "tables, each `[[reach]]`";
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong_type("reach", value, wanted))?;
        array.iter().map(|it| self.reach(it)).collect()
    }

    fn reach(&self, value: &Spanned<DeValue<'_>>) -> Result<Reach, Problem> {
        let source = self.problem(value.span(), "").place.unwrap_or_default();
        let mut rule = ReachRule { source, ..ReachRule::default() };
        let mut app = None;
        for (key, span, value) in self.rows(&keys::REACH, "reach", value)? {
            match key {
                "app" => app = Some(self.text_of("reach.app", value)?),
                "action" => rule.action = Some(self.text_of("reach.action", value)?),
                "to" => rule.to = self.text_of("reach.to", value)?,
                word if Holds::parse(word).is_some() => {
                    if !rule.holds.is_empty() {
                        let text = format!("`{word}` and `{}` belong to different rules", rule.holds);
                        return Err(self.problem(span, text).help("write a separate `[[reach]]` for each"));
                    }
                    rule.holds = word.to_owned();
                    let path = format!("reach.{word}");
                    rule.from = match value.get_ref().as_str() {
                        Some(_) => vec![self.text_of(&path, value)?],
                        None => self.texts_of(&path, value)?.into_iter().map(|it| it.0).collect(),
                    };
                }
                _ => return Err(self.unsupported(&keys::REACH, "reach", key, span)),
            }
        }
        if rule.holds.is_empty() || rule.to.is_empty() {
            let help = "such as:\n\n[[reach]]\nnever = \"internet\"\nto = \"orders-db\"";
            return Err(self.problem(value.span(), "a rule requires `to`, and `never`, `only` or `always`").help(help));
        }
        Ok(Reach { app, rule })
    }
}
