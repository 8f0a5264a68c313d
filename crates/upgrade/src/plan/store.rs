//! The steps of databases, brokers, caches and functions.

use std::cmp::Ordering;

use meshsynth_diff::side::Side;
use meshsynth_facts::versions::{calendar, msk, rds};
use serde_json::Value;

use super::{Plan, edit};
use crate::component::{Component, Place};
use crate::postgres;
use crate::statement::{Statement, Unknown};
use crate::step::{Step, kafka_path};
use crate::version::{compare, numbers, plain};

impl Plan {
    /// Adds the steps of a component outside of clusters.
    pub(super) fn store(&mut self, side: &Side, component: &Component, goal: &str) {
        let Some(version) = component.version.known() else {
            let text = format!("{} to {goal}: its version is not in the files", component.title());
            self.unknowns.push(unknown(component, text));
            return;
        };
        if compare(plain(goal), plain(version)) == Ordering::Less && numbers(goal).len() >= numbers(version).len() {
            let text = format!("{} is not downgraded from {version} to {goal} in place", component.title());
            self.refused.push(Statement::new(text, component.product.page, component.product.date));
            return;
        }
        match component.product.id {
            "amazon-rds-postgresql" => self.postgres(side, component, version, goal),
            "amazon-msk" => self.kafka(side, component, version, goal),
            _ => self.direct(component, version, goal),
        }
    }

    fn postgres(&mut self, side: &Side, component: &Component, version: &str, goal: &str) {
        let goals = numbers(goal);
        let major = goals.first().and_then(|it| u32::try_from(*it).ok()).unwrap_or_default();
        let date = calendar::of("postgresql").map_or("", |it| it.date);
        let (page, title) = (component.product.page, component.title());
        let is_minor = numbers(version).first() == goals.first();
        let lowest = if is_minor {
            numbers(version).get(1).map(|it| *it as u32)
        } else {
            postgres::lowest_target(version, major)
        };
        let newest = rds::MAJORS.iter().find(|it| it.number == major).map(|it| it.newest);
        let (Some(lowest), Some(newest)) = (lowest, newest) else {
            self.unknowns.push(unknown(component, format!("{title} {version} to {goal}: the valid targets")));
            return;
        };
        let to = match goals.get(1) {
            Some(minor) if (*minor as u32) < lowest => {
                let text = format!("RDS refuses {title} {version} to {goal}: the lowest target is {major}.{lowest}");
                self.refused.push(Statement::new(text, page, date));
                return;
            }
            Some(_) => goal.to_owned(),
            None => format!("{major}.{newest}"),
        };
        let mut step = step(component, version, &to);
        if !is_minor {
            step.reasons.push(Statement::new(
                format!("RDS upgrades {version} to {major}.{lowest} and newer in one step"),
                page,
                date,
            ));
            parameter_group(side, component, "DBParameterGroupName", &format!("postgres{major}"), &mut step);
            step.checks.push(Statement::new("a restored snapshot is upgraded without errors first", page, date));
            step.unknowns.push(Unknown {
                text: "replication slots, extensions and prepared transactions in the database".to_owned(),
                date: date.to_owned(),
                call: Some("SELECT * FROM pg_extension; SELECT * FROM pg_replication_slots".to_owned()),
                page: page.to_owned(),
            });
        }
        self.steps.push(step);
    }

    fn kafka(&mut self, side: &Side, component: &Component, version: &str, goal: &str) {
        let offered = msk::OFFERED.iter().copied().flatten().copied();
        let is_it = |it: &&str| *it == goal || msk::major_minor(it) == msk::major_minor(goal) && it.ends_with(".kraft");
        let Some(target) = offered.clone().find(|it| *it == goal).or_else(|| offered.clone().find(is_it)) else {
            self.unknowns.push(unknown(component, format!("{} {version} to {goal}", component.title())));
            return;
        };
        let (page, date) = (component.product.page, component.product.date);
        let mut from = version.to_owned();
        for to in kafka_path(version, Some(target)) {
            let mut step = step(component, &from, &to);
            let migrates = to == format!("{from}.kraft");
            if migrates {
                let text = "Kafka 4 does not support ZooKeeper, and MSK migrates only 3.9.x to KRaft in place";
                step.reasons.push(Statement::new(text, page, date));
                let properties = properties(side, component);
                let zones = properties["BrokerNodeGroupInfo"]["ClientSubnets"].as_array().map_or(0, Vec::len);
                if zones != 3 {
                    let text =
                        format!("the migration requires three zones, and the cluster has {zones} client subnets");
                    step.blockers.push(Statement::new(text, page, date));
                }
                step.blockers.push(Statement::new(
                    "clients must not use ZooKeeper: disable ZooKeeper access before the migration",
                    page,
                    date,
                ));
            }
            step.checks.push(Statement::new("MSK does not downgrade: verify clients before the next step", page, date));
            self.steps.push(step);
            from = to;
        }
    }

    /// Adds one step for a product whose intermediate versions are not in the data.
    fn direct(&mut self, component: &Component, version: &str, goal: &str) {
        if component.product.id == "aws-lambda" {
            let known = component.product.calendar().and_then(|it| it.release(goal));
            match known {
                Some(_) => self.steps.push(step(component, version, goal)),
                None => self.unknowns.push(unknown(component, format!("{} {version} to {goal}", component.title()))),
            }
            return;
        }
        let known = component.product.calendar().and_then(|it| it.release(plain(goal)));
        if known.is_none() {
            self.unknowns.push(unknown(component, format!("{} {version} to {goal}", component.title())));
            return;
        }
        let engine = &version[..version.len() - plain(version).len()];
        let to = if goal.starts_with(engine) { goal.to_owned() } else { format!("{engine}{goal}") };
        let mut step = step(component, version, &to);
        step.unknowns.push(unknown(component, format!("whether AWS upgrades {version} to {to} in one step")));
        self.steps.push(step);
    }
}

fn step(component: &Component, from: &str, to: &str) -> Step {
    Step {
        title: format!("{} {from} → {to}", component.title()),
        product: component.product.id,
        component: component.name.clone(),
        from: from.to_owned(),
        to: to.to_owned(),
        edits: vec![crate::edit::Edit { old: from.to_owned(), ..edit(component, to) }],
        ..Step::default()
    }
}

fn unknown(component: &Component, text: String) -> Unknown {
    Unknown {
        text,
        date: component.product.calendar().map_or(component.product.date, |it| it.date).to_owned(),
        call: component.product.call.map(str::to_owned),
        page: component.product.page.to_owned(),
    }
}

/// Returns the properties of a component's resource.
fn properties<'a>(side: &'a Side, component: &Component) -> &'a Value {
    static NONE: Value = Value::Null;
    let Place::Resource { stack, id, .. } = &component.place else { return &NONE };
    side.stack(stack).map_or(&NONE, |stack| &side.template(stack)["Resources"][id.as_str()]["Properties"])
}

/// Adds a blocker for a parameter group of another family.
fn parameter_group(side: &Side, component: &Component, property: &str, family: &str, step: &mut Step) {
    let Place::Resource { stack, .. } = &component.place else { return };
    let group = &properties(side, component)[property];
    let (page, date) = (component.product.page, component.product.date);
    let Some(id) = group["Ref"].as_str() else {
        if !group.is_null() {
            step.unknowns.push(unknown(component, format!("the family of the parameter group in `{property}`")));
        }
        return;
    };
    let template = side.stack(stack).map(|stack| side.template(stack));
    let used = template.and_then(|it| it["Resources"][id]["Properties"]["Family"].as_str());
    match used {
        Some(used) if used != family => step.blockers.push(Statement::new(
            format!(
                "the parameter group `{id}` has the family {used}: define one of {family}, and use it in the same step"
            ),
            page,
            date,
        )),
        Some(_) => {}
        None => step.unknowns.push(unknown(component, format!("the family of the parameter group `{id}`"))),
    }
}
