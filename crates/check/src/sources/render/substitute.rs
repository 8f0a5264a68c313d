//! The variable substitution of Flux: `${var}` is replaced after a kustomization is built.

use std::collections::BTreeMap;

use crate::yaml::is_mark;

/// The annotation or label that disables the substitution for an object.
const DISABLED: &str = "kustomize.toolkit.fluxcd.io/substitute: disabled";

/// The values of `postBuild`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Substitution {
    /// The values by name.
    pub values: BTreeMap<String, String>,
    /// Whether a ConfigMap or a Secret in the cluster has further values. If so, unknown variables are kept.
    pub is_open: bool,
}

impl Substitution {
    /// Substitutes the variables in a text. As in Flux, a variable without a value becomes empty.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut document = String::new();
        let mut take = |document: &mut String| {
            let is_left = document.replace(['"', '\''], "").contains(DISABLED);
            out.push_str(&if is_left { document.clone() } else { self.replace(document) });
            document.clear();
        };
        for line in text.split_inclusive('\n') {
            if is_mark(line.trim_end_matches(['\n', '\r'])) {
                take(&mut document);
            }
            document.push_str(line);
        }
        take(&mut document);
        out
    }

    fn replace(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            // `$${var}` is an escaped `${var}`.
            let is_escaped = rest[..at].ends_with('$');
            out.push_str(&rest[..if is_escaped { at - 1 } else { at }]);
            let Some(end) = rest[at..].find('}').map(|end| at + end + 1) else {
                out.push_str(&rest[at..]);
                return out;
            };
            let expression = &rest[at..end];
            match self.value(&expression[2..expression.len() - 1]).filter(|_| !is_escaped) {
                Some(value) => out.push_str(&value),
                None => out.push_str(expression),
            }
            rest = &rest[end..];
        }
        out.push_str(rest);
        out
    }

    /// Returns the value of the expression in braces, or `None` if it is kept.
    fn value(&self, expression: &str) -> Option<String> {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = expression.find(|c| !is_of_name(c)).unwrap_or(expression.len());
        let (name, rest) = expression.split_at(end);
        let default = rest.strip_prefix(":=").or_else(|| rest.strip_prefix(":-")).or_else(|| rest.strip_prefix('='));
        // Functions, such as `${var:0:3}`, are not evaluated.
        if name.is_empty() || default.is_none() && !rest.is_empty() {
            return None;
        }
        let known = self.values.get(name).filter(|value| default.is_none() || !value.is_empty()).cloned();
        match (known, default) {
            (Some(value), _) => Some(value),
            (None, _) if self.is_open => None,
            (None, default) => Some(default.unwrap_or_default().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Substitution;

    fn applied(text: &str, is_open: bool) -> String {
        let values =
            [("stage", "prod"), ("n", "3"), ("none", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        Substitution { values: values.into(), is_open }.apply(text)
    }

    #[test]
    fn substitutes_values_and_defaults() {
        assert_eq!(applied("a: ${stage}\nb: ${n:=1}-${m:=2}\n", false), "a: prod\nb: 3-2\n");
        assert_eq!(applied("a: '${none:-x}'${none}${m}\n", false), "a: 'x'\n");
        assert_eq!(applied("a: $${stage} ${stage:0:2} ${\n", false), "a: ${stage} ${stage:0:2} ${\n");
    }

    #[test]
    fn keeps_variables_that_cluster_may_define() {
        assert_eq!(applied("a: ${m} ${m:=2} ${n}\n", true), "a: ${m} ${m:=2} 3\n");
    }

    #[test]
    fn skips_disabled_objects() {
        let text = "a: ${n}\n---\nmetadata:\n  annotations: { kustomize.toolkit.fluxcd.io/substitute: \"disabled\" }\nb: ${n}\n";
        assert_eq!(applied(text, false), text.replacen("${n}", "3", 1));
    }
}
