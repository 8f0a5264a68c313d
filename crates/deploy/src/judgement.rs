//! The effects of a stack deployment. Combines the evaluation of `meshsynth diff` with the CloudFormation change set.
//! If they differ, the more severe one counts.

use meshsynth_diff::fate::{self, Fate, Remains};
use meshsynth_diff::ways::Way;
use meshsynth_diff::{Access, Diff, Section, Standing, Verdict, verdict};
use serde::Serialize;
use serde_json::Value;

use crate::cloud::{ChangeSet, StackResource};
use crate::way_row::WayRow;

/// The effects of a deployment on a stack or cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The changed resources or objects.
    pub changes: Vec<Row>,
    /// The access paths that the change opens or closes.
    pub ways: Vec<WayRow>,
    /// The permissions that change, except for those in `ways`.
    pub access: Vec<AccessRow>,
    /// The effects on content of other owners.
    pub foreign: Vec<String>,
}

/// A changed resource or object, with the effect of the change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The verdict.
    #[serde(rename = "word")]
    pub verdict: Verdict,
    /// The resource type or object kind.
    pub kind: String,
    /// The path in the program, or the name.
    pub name: String,
    /// The changed properties.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
    /// Whether the change affects permissions.
    #[serde(skip_serializing_if = "is_false")]
    pub access: bool,
    /// The effects on its data. Empty if it contains no data.
    #[serde(rename = "data", skip_serializing_if = "Vec::is_empty", serialize_with = "in_words")]
    pub fates: Vec<Fate>,
}

/// A permission, route or exposure that is added or removed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccessRow {
    /// Whether access is widened.
    pub widened: bool,
    /// Whether the access is public.
    #[serde(skip_serializing_if = "is_false")]
    pub public: bool,
    /// A description.
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
    /// Combines the effects of a change set with the effects of the template changes.
    ///
    /// `called` returns the display name of a logical ID. `is_stateful` reports whether the resource contains data,
    /// according to the program.
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
                // CloudFormation shows a rename as a removal and a creation.
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

    /// Evaluates the application of objects to a cluster.
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

    /// Evaluates the deletion of the remaining resources of a stack by its template.
    pub fn of_removal(
        left: &[&StackResource],
        template: Option<&Value>,
        called: impl Fn(&str) -> String,
        is_stateful: impl Fn(&str) -> bool,
    ) -> Self {
        let row = |resource: &&StackResource| {
            let mut before = template.map(|it| it["Resources"][&resource.id].clone()).unwrap_or_default();
            // Only AWS knows whether the resource still belongs to the failed creation.
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
        // A permission behind an access path is reported with that path. A permission that opens no path is omitted.
        let row = |it: &Access| AccessRow { widened: it.widened, public: it.public, text: it.text.clone() };
        let alone = access.iter().filter(|it| it.standing == Standing::Alone);
        Self { changes, ways: WayRow::all(ways), access: alone.map(row).collect(), foreign: Vec::new() }
    }
}

/// Returns the verdict and the data effect of a CloudFormation resource change.
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
    /// Whether data is or may be deleted, replaced or emptied. A final snapshot still counts, because clients cannot
    /// use it.
    pub fn is_data_at_risk(&self) -> bool {
        let is_hit = |fate: &Fate| fate.is_at_risk() || *fate == Fate::Removed(Remains::Snapshot);
        self.verdict == Verdict::DataLoss || self.fates.iter().any(is_hit)
    }

    /// Whether the change removes or loses something.
    pub fn is_grave(&self) -> bool {
        self.verdict >= Verdict::Prune || !self.fates.is_empty()
    }

    /// Formats the row for people.
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
    /// Formats the row for people.
    pub fn line(&self) -> String {
        let public = if self.public { " [PUBLIC]" } else { "" };
        let (sign, word) = if self.widened { ("+", "access widened") } else { ("-", "access narrowed") };
        format!("{sign} {word:<16} {}{public}", self.text)
    }
}
