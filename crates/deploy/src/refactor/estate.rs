//! The stacks of one account and region: the deployed templates, the program's templates, and the refactors between
//! them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::exports::{exports, imports};
use super::moves::{Lost, Moves};
use super::templates;
use crate::cloud::{Move, Stack};

/// The maximum number of stacks in one refactor.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html>.
const MOST_STACKS: usize = 5;

/// The stacks of one account and region, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Estate {
    /// The deployed templates.
    pub deployed: BTreeMap<String, Value>,
    /// The templates of the program.
    pub program: BTreeMap<String, Value>,
    /// The names of program stacks that exist and have another owner.
    pub foreign: BTreeSet<String>,
    /// The deployed stacks.
    pub stacks: BTreeMap<String, Stack>,
}

impl Estate {
    /// Returns the refactors for these moves, or all their obstacles. Independent groups of stacks get separate
    /// refactors.
    pub(super) fn refactors(&self, moves: &BTreeSet<Move>) -> Result<Vec<Moves>, Vec<String>> {
        let lost = self.lost(moves);
        let (mut wrong, mut out) = (Vec::new(), Vec::new());
        for names in components(&links(moves, &lost)) {
            out.push(self.refactor(&names, moves, &lost, &mut wrong));
        }
        if wrong.is_empty() { Ok(out) } else { Err(wrong) }
    }

    /// Returns the stacks that an earlier refactor emptied.
    pub(super) fn emptied(&self) -> impl Iterator<Item = &String> {
        let gone = self.deployed.iter().filter(|(name, _)| !self.program.contains_key(*name));
        gone.filter(|(_, template)| templates::is_emptied(template)).map(|(name, _)| name)
    }

    fn refactor(
        &self,
        names: &BTreeSet<&str>,
        moves: &BTreeSet<Move>,
        lost: &[Lost],
        wrong: &mut Vec<String>,
    ) -> Moves {
        if names.len() > MOST_STACKS {
            let all = names.iter().copied().collect::<Vec<_>>().join("`, `");
            wrong.push(format!(
                "the moved resources affect {} stacks, but a CloudFormation stack refactor supports at most \
                 {MOST_STACKS}: `{all}`",
                names.len()
            ));
        }
        let moves: BTreeSet<Move> = moves.iter().filter(|it| names.contains(it.from.0.as_str())).cloned().collect();
        let lost = lost.iter().filter(|it| names.contains(it.stack.as_str())).cloned().collect();
        let (mut all, mut emptied) = (BTreeMap::new(), BTreeSet::new());
        for name in names.iter().copied() {
            let template = match self.program.get(name) {
                // The refactor could create or change this stack.
                Some(_) if self.foreign.contains(name) => {
                    wrong.push(format!(
                        "the stack `{name}` exists but does not belong to this app: take it over with `--adopt \
                         {name}` first, without `--refactor`, or rename the stack in the program"
                    ));
                    continue;
                }
                Some(program) => templates::kept(&self.deployed, name, program, &moves, wrong),
                None if moves.iter().all(|it| it.from.0 != name) => {
                    wrong.push(format!(
                        "the stack `{name}` is no longer in the program, but imports an export whose name changes: \
                         delete the stack first with `meshsynth destroy --orphans`"
                    ));
                    continue;
                }
                None => templates::gone(name, &self.deployed[name], &moves, wrong),
            };
            if !self.program.contains_key(name) && templates::is_emptied(&template) {
                emptied.insert(name.to_owned());
            }
            all.insert(name.to_owned(), template);
        }
        let creates = names.iter().any(|name| !self.deployed.contains_key(*name));
        Moves { moves, templates: all, creates, emptied, lost }
    }

    /// Returns the exports that no stack provides after the moves, with their importers. CloudFormation keeps an export
    /// while a stack imports it, so the importers change in the same refactor.
    fn lost(&self, moves: &BTreeSet<Move>) -> Vec<Lost> {
        let names: BTreeSet<&String> = moves.iter().flat_map(|it| [&it.from.0, &it.to.0]).collect();
        let named = |name: &str, template: &Value| exports(name, template).into_iter().map(|(_, export)| export);
        let mut kept: BTreeSet<String> = self.program.iter().flat_map(|(name, it)| named(name, it)).collect();
        for (name, template) in self.deployed.iter().filter(|(name, _)| !self.program.contains_key(*name)) {
            kept.extend(named(name, &templates::gone(name, template, moves, &mut Vec::new())));
        }
        let importers = |export: &String| {
            let is_importer = |(name, template): &(&String, &Value)| {
                let mut imported = BTreeSet::new();
                imports(name, template, &mut imported);
                imported.contains(export)
            };
            self.deployed.iter().filter(is_importer).map(|(name, _)| name.clone()).collect()
        };
        let had = self.deployed.iter().filter(|(name, _)| names.contains(name));
        let all = had.flat_map(|(name, it)| exports(name, it).into_iter().map(move |(id, export)| (name, id, export)));
        let lost = all.filter(|(_, _, export)| !kept.contains(export));
        lost.map(|(stack, id, export)| Lost {
            stack: stack.clone(),
            importers: importers(&export),
            name: self.stacks.get(stack).and_then(|it| it.exports.get(&id)).cloned(),
        })
        .collect()
    }
}

/// Returns pairs of stacks that must be in the same refactor.
fn links<'a>(moves: &'a BTreeSet<Move>, lost: &'a [Lost]) -> Vec<(&'a str, &'a str)> {
    let of_moves = moves.iter().map(|it| (it.from.0.as_str(), it.to.0.as_str()));
    let of_exports = lost.iter().flat_map(|it| it.importers.iter().map(|name| (it.stack.as_str(), name.as_str())));
    of_moves.chain(of_exports).collect()
}

/// Returns the connected groups of stacks.
fn components<'a>(links: &[(&'a str, &'a str)]) -> Vec<BTreeSet<&'a str>> {
    let mut out: Vec<BTreeSet<&str>> = Vec::new();
    for (a, b) in links {
        let is_joined = |it: &BTreeSet<&str>| it.contains(a) || it.contains(b);
        let (joined, mut apart): (Vec<_>, Vec<_>) = out.into_iter().partition(is_joined);
        apart.push(joined.into_iter().flatten().chain([*a, *b]).collect());
        out = apart;
    }
    out.sort();
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn queue(timeout: u32) -> Value {
        json!({ "Type": "AWS::SQS::Queue", "Properties": { "VisibilityTimeout": timeout, "Tags": [{ "Key": "a", "Value": "old" }] } })
    }

    fn alarm(of: Value) -> Value {
        json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": { "Dimension": of } })
    }

    fn moves() -> BTreeSet<Move> {
        let end = |stack: &str, id: &str| (stack.to_owned(), id.to_owned());
        [Move { from: end("data", "Queue"), to: end("queues", "Jobs") }].into()
    }

    fn estate() -> Estate {
        let mut jobs = queue(1);
        jobs["Properties"]["Tags"] = json!([{ "Key": "a", "Value": "new" }]);
        let stays = json!({ "Fn::GetAtt": ["Queue", "QueueName"] });
        let import = json!({ "Fn::ImportValue": "queues-Jobs" });
        Estate {
            deployed: [("data".to_owned(), json!({ "Resources": { "Queue": queue(1), "Alarm": alarm(stays) } }))]
                .into(),
            program: [
                ("data".to_owned(), json!({ "Resources": { "Alarm": alarm(import) } })),
                ("queues".to_owned(), json!({ "Resources": { "Jobs": jobs }, "Outputs": { "Jobs": {} } })),
            ]
            .into(),
            ..Estate::default()
        }
    }

    fn one(found: Result<Vec<Moves>, Vec<String>>) -> Moves {
        let [one] = <[Moves; 1]>::try_from(found.unwrap()).unwrap();
        one
    }

    #[test]
    fn splits_stack_if_only_references_change() {
        let found = one(estate().refactors(&moves()));
        assert!(found.creates);
        let tags = &found.templates["queues"]["Resources"]["Jobs"]["Properties"]["Tags"];
        assert_eq!(tags[0]["Value"], "old", "a refactor changes no property: the tags come with the deployment");
        assert_eq!(found.templates["queues"]["Outputs"], json!({ "Jobs": {} }));
        assert_eq!(found.templates["data"], estate().program["data"]);
    }

    #[test]
    fn includes_importers_of_renamed_export() {
        let mut estate = estate();
        let name = json!({ "Fn::Sub": "${AWS::StackName}-Queue" });
        estate.deployed.get_mut("data").unwrap()["Outputs"] = json!({ "Queue": { "Export": { "Name": name } } });
        estate.program.get_mut("queues").unwrap()["Outputs"] =
            json!({ "Jobs": { "Export": { "Name": "queues-Jobs" } } });
        let run = |name: &str| json!({ "Resources": { "Alarm": alarm(json!({ "Fn::ImportValue": name })) } });
        estate.deployed.insert("run".to_owned(), run("data-Queue"));
        estate.program.insert("run".to_owned(), run("queues-Jobs"));
        estate.deployed.insert("other".to_owned(), run("other-Queue"));
        estate.program.insert("other".to_owned(), run("other-Queue"));
        let found = one(estate.refactors(&moves()));
        assert_eq!(found.templates.keys().collect::<Vec<_>>(), ["data", "queues", "run"]);
        assert_eq!(found.templates["run"], run("queues-Jobs"));
    }

    #[test]
    fn rejects_new_stack_with_parameters() {
        let mut estate = estate();
        estate.program.get_mut("queues").unwrap()["Parameters"] = json!({ "Size": { "Type": "String" } });
        let wrong = estate.refactors(&moves()).unwrap_err();
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(
            wrong[0].starts_with("the new stack `queues` has `Parameters`, which a stack refactor cannot create"),
            "{wrong:?}"
        );
    }

    #[test]
    fn reports_all_other_changes() {
        let mut estate = estate();
        estate.program.get_mut("queues").unwrap()["Resources"]["Jobs"]["Properties"]["VisibilityTimeout"] = json!(2);
        estate.program.get_mut("queues").unwrap()["Resources"]["More"] = queue(3);
        estate.program.get_mut("data").unwrap()["Parameters"] = json!({ "Size": {} });
        let wrong = estate.refactors(&moves()).unwrap_err();
        let wanted = [
            "`Parameters` of the stack `data` also changes",
            "`Jobs` of the stack `queues` also changes",
            "`More` of the stack `queues` is new",
        ];
        assert_eq!(wrong, wanted);
    }

    #[test]
    fn rejects_move_of_resource_with_stack_name() {
        let mut estate = estate();
        let name = json!({ "Fn::Sub": "${AWS::StackName}-jobs" });
        estate.program.get_mut("queues").unwrap()["Resources"]["Jobs"]["Properties"]["QueueName"] = name.clone();
        estate.deployed.get_mut("data").unwrap()["Resources"]["Queue"]["Properties"]["QueueName"] = name;
        let wrong = estate.refactors(&moves()).unwrap_err();
        assert_eq!(
            wrong,
            ["`Jobs` uses `AWS::StackName` or `AWS::StackId`, which have another value in the stack `queues`"]
        );
    }

    #[test]
    fn reports_references_from_remaining_resources() {
        let mut estate = estate();
        estate.program.remove("data");
        let wrong = estate.refactors(&moves()).unwrap_err();
        assert_eq!(
            wrong,
            ["`Alarm` remains in the stack `data`, which is no longer in the program, and refers to `Queue`, which \
                 moves: delete `Alarm` first, or keep it in the program"]
        );
        let data = estate.deployed.get_mut("data").unwrap();
        data["Resources"]["Alarm"] = json!({ "Type": "AWS::CloudWatch::Alarm", "DependsOn": ["Queue"] });
        data["Outputs"] = json!({ "Url": { "Value": { "Fn::Sub": "${Queue.QueueUrl}" } }, "Other": { "Value": "b" } });
        let found = one(estate.refactors(&moves()));
        assert!(found.emptied.is_empty());
        let stays = json!({ "Alarm": { "Type": "AWS::CloudWatch::Alarm", "DependsOn": [] } });
        assert_eq!(found.templates["data"], json!({ "Resources": stays, "Outputs": { "Other": { "Value": "b" } } }));
    }

    #[test]
    fn emptied_stack_gets_a_wait_condition_handle() {
        let mut estate = estate();
        estate.program.remove("data");
        let data = estate.deployed.get_mut("data").unwrap();
        data["Resources"].as_object_mut().unwrap().remove("Alarm");
        data["Outputs"] = json!({ "Other": { "Value": "b" } });
        data["Mappings"] = json!({ "Sizes": {} });
        let found = one(estate.refactors(&moves()));
        assert_eq!(found.emptied, ["data".to_owned()].into());
        let handle = json!({ "MeshsynthEmptied": {
            "Type": "AWS::CloudFormation::WaitConditionHandle", "Metadata": { "MovedTo": ["queues"] }
        } });
        assert_eq!(found.templates["data"], json!({ "Mappings": { "Sizes": {} }, "Resources": handle }));
    }

    #[test]
    fn separates_independent_refactors() {
        let mut estate = estate();
        for n in 0..4 {
            let (from, to) = (format!("a{n}"), format!("b{n}"));
            estate.deployed.insert(from, json!({ "Resources": { "Queue": queue(1) } }));
            estate.program.insert(to, json!({ "Resources": { "Queue": queue(1) } }));
        }
        let end = |stack: String| (stack, "Queue".to_owned());
        let mut all = moves();
        all.extend((0..4).map(|n| Move { from: end(format!("a{n}")), to: end(format!("b{n}")) }));
        let found = estate.refactors(&all).unwrap();
        assert_eq!(found.len(), 5);
        assert!(found.iter().all(|it| it.templates.len() == 2));
        for n in 0..4 {
            estate.deployed.get_mut("data").unwrap()["Resources"][format!("Q{n}")] = queue(2);
            estate.program.get_mut(&format!("b{n}")).unwrap()["Resources"][format!("Q{n}")] = queue(2);
            let end = |stack: &str| (stack.to_owned(), format!("Q{n}"));
            all.insert(Move { from: end("data"), to: end(&format!("b{n}")) });
        }
        let wrong = estate.refactors(&all).unwrap_err();
        assert!(
            wrong[0].starts_with(
                "the moved resources affect 10 stacks, but a CloudFormation stack refactor supports at most 5: `a0`"
            ),
            "{wrong:?}"
        );
    }
}
