//! The steps of a plan, and the versions between the one in use and the target.

use std::cmp::Ordering;

use meshsynth_facts::versions::msk;

use crate::edit::Edit;
use crate::effect::Effect;
use crate::statement::{Note, Statement, Unknown};
use crate::version::compare;

/// One step: its edits, and everything that is known about it.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The component and its old and new version.
    pub title: String,
    /// The id of the product.
    pub product: &'static str,
    /// The name of the component.
    pub component: String,
    /// The version before the step.
    pub from: String,
    /// The version after the step.
    pub to: String,
    /// The reasons for the position of the step.
    pub reasons: Vec<Statement>,
    /// The edits of the program or of the files.
    pub edits: Vec<Edit>,
    /// The commands that replace an edit.
    pub actions: Vec<Statement>,
    /// The effects of deploying the edits.
    pub effects: Vec<Effect>,
    /// The dangers of the deployment, according to `diff`.
    pub hazards: Vec<Statement>,
    /// The causes for which the step must not begin.
    pub blockers: Vec<Statement>,
    /// The release notes.
    pub notes: Vec<Note>,
    /// The checks before the next step.
    pub checks: Vec<Statement>,
    /// The facts that the data does not contain.
    pub unknowns: Vec<Unknown>,
}

/// Returns the MSK versions from a version to a target, or to the newest one. A cluster with ZooKeeper first reaches
/// 3.9.x, and then migrates to KRaft.
pub fn kafka_path(version: &str, target: Option<&str>) -> Vec<String> {
    let newest = msk::OFFERED[1].last().copied().unwrap_or(msk::DEFAULT);
    let target = target.unwrap_or(newest);
    let mut path: Vec<String> = Vec::new();
    let mut at = version.to_owned();
    let uses_zookeeper = |version: &str| !version.ends_with(".kraft");
    if uses_zookeeper(version) && !uses_zookeeper(target) {
        if compare(version, "3.9") == Ordering::Less {
            at = "3.9.x".to_owned();
            path.push(at.clone());
        }
        at = format!("{at}.kraft");
        path.push(at.clone());
    }
    if at != target && compare(&at, target) != Ordering::Greater {
        path.push(target.to_owned());
    }
    path
}

#[cfg(test)]
mod tests {
    use super::kafka_path;

    #[test]
    fn migrates_to_kraft_before_kafka_4() {
        assert_eq!(kafka_path("3.7.x", Some("4.1.x.kraft")), ["3.9.x", "3.9.x.kraft", "4.1.x.kraft"]);
        assert_eq!(kafka_path("3.9.x", Some("3.9.x.kraft")), ["3.9.x.kraft"]);
        assert_eq!(kafka_path("3.9.x.kraft", None), ["4.1.x.kraft"]);
        assert_eq!(kafka_path("4.1.x.kraft", None), [""; 0]);
    }
}
