//! What the deployment of a stack does: the judgement of `meshsynth diff` on what is deployed, and what CloudFormation
//! says of its change set. Where they differ, the graver one counts.

use meshsynth_diff::fate::{self, Fate, Remains};
use meshsynth_diff::ways::Way;
use meshsynth_diff::{Access, Diff, Section, Standing, Verdict, verdict};
use serde::Serialize;
use serde_json::Value;

use crate::cloud::{ChangeSet, StackResource};
use crate::way_row::WayRow;

/// What a deployment does to a stack or a cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The resources or objects that change.
    pub changes: Vec<Row>,
    /// What the change lets reach what, and what it cuts off.
    pub ways: Vec<WayRow>,
    /// Who may do more or less than before, beside what ways tell.
    pub access: Vec<AccessRow>,
}

/// A resource or an object that changes, and what that does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What happens to it.
    #[serde(rename = "word")]
    pub verdict: Verdict,
    /// The type or the kind.
    pub kind: String,
    /// Its path in the program, or its name.
    pub name: String,
    /// The properties that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
    /// Whether somebody may do more or less by it.
    #[serde(skip_serializing_if = "is_false")]
    pub access: bool,
    /// What becomes of its data, where that is a question.
    #[serde(rename = "data", skip_serializing_if = "Vec::is_empty", serialize_with = "in_words")]
    pub fates: Vec<Fate>,
}

/// A permission, a route or an exposure that comes or goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccessRow {
    /// Whether somebody may do more than before.
    pub widened: bool,
    /// Whether that somebody is everybody.
    #[serde(skip_serializing_if = "is_false")]
    pub public: bool,
    /// In words.
    pub text: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

fn in_words<S: serde::Serializer>(fates: &[Fate], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&fate::words(fates))
}

impl Judgement {
    /// What a change set does to a stack, beside what the templates say.
    ///
    /// `called` names a logical id for people, and `is_stateful` says what the program knows to hold data.
    pub fn of_stack(
        stack: &str,
        diff: Diff,
        set: &ChangeSet,
        called: impl Fn(&str) -> String,
        is_stateful: impl Fn(&str) -> bool,
    ) -> Self {
        let of_stack = Section::Stack(stack.to_owned());
        let known = diff.changes.into_iter().filter(|change| change.section == of_stack && !change.id.is_empty());
        let mut known: Vec<(String, Row)> = known
            .map(|change| {
                let row = Row {
                    verdict: change.verdict,
                    kind: change.kind,
                    name: change.name,
                    properties: change.edits.into_iter().map(|edit| edit.path).collect(),
                    access: false,
                    fates: change.data,
                };
                (change.id, row)
            })
            .collect();
        for change in &set.changes {
            let holds_data = is_stateful(&change.id) || verdict::holds_data(&change.kind);
            let (verdict, fate) = of_change(change, holds_data);
            match known.iter_mut().find(|(id, _)| *id == change.id) {
                // A rename is a removal and a creation to CloudFormation.
                Some((_, row)) if row.verdict != Verdict::Rename || verdict != Verdict::Create => {
                    row.verdict = row.verdict.max(verdict);
                    if row.properties.is_empty() {
                        row.properties.clone_from(&change.properties);
                    }
                    match (row.fates.first_mut(), fate) {
                        (Some(known), Some(fate)) => known.worsen(&fate),
                        (None, Some(fate)) => row.fates.push(fate),
                        (_, None) => {}
                    }
                }
                Some(_) => {}
                None => {
                    let (kind, name) = (change.kind.clone(), called(&change.id));
                    let (properties, fates) = (change.properties.clone(), fate.into_iter().collect());
                    known.push((change.id.clone(), Row { verdict, kind, name, properties, access: false, fates }));
                }
            }
        }
        Self::new(known.into_iter().map(|(_, row)| row).collect(), &diff.access, &diff.ways)
    }

    /// What applying objects does to a cluster.
    pub fn of_cluster(diff: Diff) -> Self {
        let row = |change: meshsynth_diff::Change| {
            let name = match &change.section {
                Section::Namespace(_, namespace) if !namespace.is_empty() && *namespace != change.name => {
                    format!("{namespace}/{}", change.name)
                }
                _ => change.name,
            };
            let properties = change.edits.into_iter().map(|edit| edit.path).collect();
            Row { verdict: change.verdict, kind: change.kind, name, properties, access: false, fates: change.data }
        };
        Self::new(diff.changes.into_iter().map(row).collect(), &diff.access, &diff.ways)
    }

    /// What is left of a stack that is deleted, by its template.
    pub fn of_removal(
        left: &[&StackResource],
        template: Option<&Value>,
        called: impl Fn(&str) -> String,
        is_stateful: impl Fn(&str) -> bool,
    ) -> Self {
        let row = |resource: &&StackResource| {
            let mut before = template.map(|it| it["Resources"][&resource.id].clone()).unwrap_or_default();
            // Whether the creation that failed is still the one that made it, only AWS knows.
            if before["DeletionPolicy"] == "RetainExceptOnCreate" {
                before["DeletionPolicy"] = "Delete".into();
            }
            let judged = verdict::deletion(&resource.kind, is_stateful(&resource.id), &before);
            let (kind, name) = (resource.kind.clone(), called(&resource.id));
            Row { verdict: judged.verdict, kind, name, properties: Vec::new(), access: false, fates: judged.data }
        };
        Self::new(left.iter().map(row).collect(), &[], &[])
    }

    fn new(mut changes: Vec<Row>, access: &[Access], ways: &[Way]) -> Self {
        for row in &mut changes {
            let called = format!("{} {}", row.kind, row.name);
            row.access = access.iter().any(|it| it.at == row.name || it.at == called);
        }
        changes.sort_by(|a, b| (b.verdict, &a.kind, &a.name).cmp(&(a.verdict, &b.kind, &b.name)));
        // What is behind a way is told with it, and what opens none opens nothing.
        let row = |it: &Access| AccessRow { widened: it.widened, public: it.public, text: it.text.clone() };
        let alone = access.iter().filter(|it| it.standing == Standing::Alone);
        Self { changes, ways: WayRow::all(ways), access: alone.map(row).collect() }
    }
}

/// What CloudFormation says of a resource.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html>.
fn of_change(change: &crate::cloud::ResourceChange, holds_data: bool) -> (Verdict, Option<Fate>) {
    let remains = match change.policy.as_str() {
        "Retain" | "ReplaceAndRetain" => Remains::Store,
        "Snapshot" | "ReplaceAndSnapshot" => Remains::Snapshot,
        _ => Remains::Nothing,
    };
    let (verdict, fate) = match (change.action.as_str(), change.replacement.as_str()) {
        ("Add" | "Import", _) => return (Verdict::Create, None),
        ("Remove", _) if remains == Remains::Store => (Verdict::DeleteRetained, Fate::Removed(remains)),
        ("Remove", _) => (Verdict::Delete, Fate::Removed(remains)),
        (_, "True") => (Verdict::Replace, Fate::Replaced(remains)),
        ("Dynamic", _) | (_, "Conditional") => (Verdict::MayReplace, Fate::Replaced(remains)),
        _ => return (Verdict::InPlace, None),
    };
    let is_certain = verdict != Verdict::MayReplace;
    match holds_data {
        true if is_certain && fate.is_loss() => (Verdict::DataLoss, Some(fate)),
        true => (verdict, Some(fate)),
        false => (verdict, None),
    }
}

impl Row {
    /// Whether a store is deleted, replaced or emptied, or may be. Its snapshot is not a service to whoever uses it.
    pub fn is_data_at_risk(&self) -> bool {
        let is_hit = |fate: &Fate| fate.is_at_risk() || *fate == Fate::Removed(Remains::Snapshot);
        self.verdict == Verdict::DataLoss || self.fates.iter().any(is_hit)
    }

    /// Whether something is taken away, or lost.
    pub fn is_grave(&self) -> bool {
        self.verdict >= Verdict::Prune || !self.fates.is_empty()
    }

    /// A line for people.
    pub fn line(&self) -> String {
        let mut text = format!("{} {:<16} {} {}", self.verdict.sign(), self.verdict.word(), self.kind, self.name);
        if !self.properties.is_empty() {
            text += &format!(" ({})", self.properties.join(", "));
        }
        if !self.fates.is_empty() {
            text += &format!(": {}", fate::words(&self.fates));
        }
        text
    }
}

impl AccessRow {
    /// A line for people.
    pub fn line(&self) -> String {
        let public = if self.public { " [PUBLIC]" } else { "" };
        let (sign, word) = if self.widened { ("+", "access widened") } else { ("-", "access narrowed") };
        format!("{sign} {word:<16} {}{public}", self.text)
    }
}
