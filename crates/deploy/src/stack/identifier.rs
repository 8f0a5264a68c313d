//! Resolves resource identifiers in templates: literals, and intrinsic functions of values that are known before a
//! deployment.

use std::collections::BTreeMap;

use serde_json::Value;

/// The values that are known before a stack is deployed.
pub(super) struct Known {
    /// The values by `Ref` name: pseudo parameters such as `AWS::Region`, and parameters that are not secret.
    values: BTreeMap<String, String>,
}

impl Known {
    /// Creates the pseudo parameters of a stack in an account and region.
    pub(super) fn new(account: &str, region: &str, stack: &str) -> Self {
        let (partition, suffix) = crate::aws::partition(region);
        let rows = [
            ("AWS::AccountId", account),
            ("AWS::Region", region),
            ("AWS::StackName", stack),
            ("AWS::Partition", partition),
            ("AWS::URLSuffix", suffix),
        ];
        Self { values: rows.map(|(key, value)| (key.to_owned(), value.to_owned())).into() }
    }

    /// Adds the value of a parameter.
    pub(super) fn add(&mut self, parameter: &str, value: &str) {
        self.values.insert(parameter.to_owned(), value.to_owned());
    }

    /// Returns a value as text, or `None` if it is known only after a deployment.
    pub(super) fn text(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Object(fields) if fields.len() == 1 => {
                let (function, of) = fields.iter().next()?;
                match function.as_str() {
                    "Ref" => self.values.get(of.as_str()?).cloned(),
                    "Fn::Sub" => self.substituted(of.as_str()?),
                    "Fn::Join" => {
                        let parts: Option<Vec<String>> = of[1].as_array()?.iter().map(|part| self.text(part)).collect();
                        Some(parts?.join(of[0].as_str()?))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn substituted(&self, text: &str) -> Option<String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}')?;
            out += before;
            match name.strip_prefix('!') {
                Some(literal) => out += &format!("${{{literal}}}"),
                None => out += self.values.get(name)?,
            }
            rest = behind;
        }
        Some(out + rest)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn resolves_values_that_are_known_before_deployment() {
        let mut known = Known::new("111122223333", "cn-north-1", "shop-data");
        known.add("Stage", "prod");
        let text = |value: Value| known.text(&value);
        assert_eq!(text(json!("assets")).unwrap(), "assets");
        assert_eq!(text(json!({ "Fn::Sub": "${Stage}-${AWS::AccountId}-${!x}" })).unwrap(), "prod-111122223333-${x}");
        let join = json!({ "Fn::Join": ["-", ["a", { "Ref": "AWS::Region" }, { "Ref": "AWS::Partition" }]] });
        assert_eq!(text(join).unwrap(), "a-cn-north-1-aws-cn");
        assert_eq!(text(json!({ "Fn::Sub": "${Bucket.Arn}" })), None);
        assert_eq!(text(json!({ "Fn::GetAtt": ["Bucket", "Arn"] })), None);
        assert_eq!(text(json!(null)), None);
    }
}
