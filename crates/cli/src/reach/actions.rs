//! The actions of queries and rules.

use meshsynth::facts::actions::action as look_up;
use meshsynth::facts::literals::Verdict;
use meshsynth_reach::find::Unfound;

/// Rejects an action that IAM does not have. Otherwise, every caller would be denied, and a rule with a mistyped action
/// would always hold.
pub fn known_action(action: &str) -> Result<(), Unfound> {
    let text = match look_up(action) {
        Verdict::Known if !action.contains(['*', '?']) => return Ok(()),
        Verdict::Known => format!("`{action}` is a pattern: name one action"),
        Verdict::Near(near) => format!("IAM has no action `{action}`: did you mean `{near}`?"),
        Verdict::Unknown => {
            format!("IAM has no action `{action}`: write it as `SERVICE:ACTION`, such as `s3:GetObject`")
        }
    };
    Err(Unfound::Malformed(text))
}

#[cfg(test)]
mod tests {
    use meshsynth_reach::find::Unfound;

    use super::known_action;

    #[test]
    fn mistyped_actions_are_rejected_with_a_suggestion() {
        assert_eq!(known_action("s3:GetObject"), Ok(()));
        let near = "IAM has no action `s3:GetObjct`: did you mean `s3:GetObject`?";
        assert_eq!(known_action("s3:GetObjct"), Err(Unfound::Malformed(near.to_owned())));
        assert!(known_action("s3:*").is_err() && known_action("GetObject").is_err());
    }
}
