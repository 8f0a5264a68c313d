//! EventBridge event buses.

use crate::Resource;
use crate::aws::data;
use crate::aws::existing::NameForm;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::policy::own_arn;
use crate::aws::target::{Source, Target, TargetKind};
use crate::cfn::events;
use crate::diagram::DiagramNode;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val, Value};

/// Properties of a [`Bus`].
#[derive(Clone, Debug, Default)]
pub struct BusProps {
    /// The description of the bus. Default: the path of the construct.
    pub description: String,
    /// The retention of archived events in days, 0 for unlimited. Archived events can be replayed. Default: no archive.
    pub archive_days: Option<u16>,
}

/// An event bus. Publishers do not specify a receiver. Rules route the events to targets.
///
/// Events are encrypted with a key that EventBridge owns, published over TLS, and optionally archived.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, events, sqs};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "events", Env::region("eu-west-1"));
/// let bus = events::Bus::new(&stack, "shop", events::BusProps { archive_days: Some(30), ..Default::default() });
/// let invoices = sqs::Queue::new(&stack, "invoices", sqs::QueueProps::default());
/// let placed = events::Pattern::source(["shop.orders"]).detail_type(["OrderPlaced"]);
/// bus.add_rule("placed", placed).add_target(&invoices);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbus.html>
#[derive(Clone)]
pub struct Bus {
    scope: Scope,
    name: Val<String>,
    /// The name of the bus for ARNs. It is not a reference to the bus resource, if the name is known at synthesis.
    plain_name: Val<String>,
    arn: Val<String>,
    is_default: bool,
}

/// An existing bus.
#[derive(Clone, Debug)]
pub struct ExistingBus {
    /// Its name. AWS services publish on the bus `default`.
    pub name: Val<String>,
}

impl ExistingBus {
    /// Refers to a bus of the account and the region of the stack.
    pub fn named(name: impl IntoVal<String>) -> Self {
        Self { name: name.into_val() }
    }
}

impl Bus {
    /// Defines a bus.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: BusProps) -> Self {
        let scope = scope.scope().construct(id);
        let description = if props.description.is_empty() { scope.path() } else { props.description };
        let name = data::physical_name(&scope, 200);
        let bus = events::EventBus::new(name.clone()).description(description).define(&scope, "resource");
        scope.diagram(DiagramNode::new("bus").detail("EventBridge"));
        if let Some(days) = props.archive_days {
            let name = data::physical_name(&scope, 48);
            events::Archive::new(bus.arn()).archive_name(name).retention_days(days).define(&scope, "archive");
        }
        Self { scope, name: bus.reference(), plain_name: name.into(), arn: bus.arn(), is_default: false }
    }

    /// Defines a bare bus, without an archive. It supports rules and grants like every bus.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, events, sqs};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "events", Env::region("eu-west-1"));
    /// # let queue = sqs::Queue::new(&data, "invoices", sqs::QueueProps::default());
    /// let shop = events::Bus::bare(&data, "shop", cfn::events::EventBus::new("shop"));
    /// shop.resource().logical_id("ShopBus");
    /// let archive = cfn::events::Archive::new(shop.arn()).retention_days(30);
    /// shop.add_archive("archive", archive).logical_id("ShopArchive");
    /// shop.add_rule("placed", events::Pattern::source(["shop.orders"])).add_target(&queue);
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, bus: events::EventBus) -> Self {
        let scope = scope.scope().construct(id);
        let name = bus.clone().into_data().at("Name").and_then(Data::as_str).map(str::to_owned);
        let bus = bus.define(&scope, "resource");
        scope.diagram(DiagramNode::new("bus").detail("EventBridge"));
        let plain_name = name.map_or_else(|| bus.reference(), Val::from);
        Self { scope, name: bus.reference(), plain_name, arn: bus.arn(), is_default: false }
    }

    /// Returns the resource of the bus, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<events::EventBus> {
        Resource::of(self, "resource")
    }

    /// Adds a bare archive of the bus.
    #[track_caller]
    pub fn add_archive(&self, id: &str, archive: events::Archive) -> Resource<events::Archive> {
        archive.define(self, id)
    }

    /// Adds a bare rule with its own targets.
    #[track_caller]
    pub fn add_rule_with(&self, id: &str, rule: events::Rule) -> Resource<events::Rule> {
        rule.define(self, id)
    }

    /// Creates a handle for the bus that a bare rule names. The diagram does not show this bus.
    pub(super) fn unseen(scope: &Scope, name: Val<String>) -> Self {
        let is_default = name.known().is_some_and(|name| name == "default");
        let arn = own_arn(scope, "events", text!["event-bus/", name.clone()]);
        Self { scope: scope.clone(), plain_name: name.clone(), name, arn, is_default }
    }

    /// Refers to an existing bus, such as the bus on which AWS services publish.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, events, sqs};
    /// # let app = App::new("shop");
    /// # let stack = Stack::new(&app, "events", Env::region("eu-west-1"));
    /// # let queue = sqs::Queue::new(&stack, "scans", sqs::QueueProps::default());
    /// let aws = events::Bus::import(&stack, "aws", events::ExistingBus::named("default"));
    /// aws.add_rule("scans", events::Pattern::source(["aws.ecr"])).add_target(&queue);
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingBus) -> Self {
        let scope = scope.scope().construct(id);
        NAME.check(&scope, &existing.name);
        let name = scope.read_here(existing.name);
        let is_default = name.known().is_some_and(|name| name == "default");
        scope.diagram(DiagramNode::new("bus").detail("EventBridge, exists already"));
        let arn = own_arn(&scope, "events", text!["event-bus/", name.clone()]);
        Self { scope, plain_name: name.clone(), name, arn, is_default }
    }

    /// Returns the name that publishers use.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Returns the ARN of the bus.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Returns whether it is the default bus, on which AWS services publish.
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// Returns the part of a rule's ARN before the rule name.
    pub(super) fn rule_path(&self) -> Val<String> {
        match self.is_default {
            true => "rule/".into(),
            false => text!["rule/", self.plain_name.clone(), "/"],
        }
    }

    /// Lets the grantee publish events.
    #[track_caller]
    pub fn grant_put_events(&self, grantee: &impl Grantee) {
        let statement = Statement::allow(["events:PutEvents"]).on(self.arn());
        let role = grantee.role();
        if let Some(principal) = role.foreign_principal(&self.scope, &self.arn) {
            let id = crate::name::fit(&role.scope().path().replace('/', "-"), 60);
            self.allow_in_policy(&id, statement.clone().into_data(Some(principal)));
        }
        role.grant(grantee, &self.scope, statement);
    }

    /// Lets another account publish events. That account decides which of its principals may publish.
    #[track_caller]
    pub fn allow_account(&self, account: &str) -> &Self {
        let root = text!["arn:", self.scope.partition(), format!(":iam::{account}:root")];
        let statement = Statement::allow(["events:PutEvents"]).on(self.arn());
        let statement = statement.into_data(Some(Bag::default().with("AWS", root)));
        self.allow_in_policy(&format!("account-{account}"), statement);
        self
    }

    /// Adds a statement to the policy of the bus. Repeated calls with an ID have no effect.
    #[track_caller]
    fn allow_in_policy(&self, id: &str, statement: Data) {
        self.scope.singleton(format!("statement {id}"), || {
            let policy = events::EventBusPolicy::new(id.to_owned())
                .event_bus_name(self.name())
                .statement(with_sid(statement, id));
            policy.define(&self.scope, id).scope().clone()
        });
    }
}

/// The format of a bus name. Partner event buses contain `/`.
const NAME: NameForm = NameForm { what: "event bus", marks: "/._-", longest: 256, example: "default" };

/// Sets the `Sid` of a statement to its ID, as EventBridge requires.
fn with_sid(statement: Data, id: &str) -> Data {
    match statement {
        Data::Map(bag) => Data::Map(bag.with("Sid", id.to_owned())),
        other => other,
    }
}

impl Construct for Bus {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Target for Bus {
    fn target_arn(&self) -> Val<String> {
        self.arn()
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Bus
    }

    /// Does nothing: a rule delivers events to a bus with a role, so the bus needs no policy.
    fn admit(&self, _: &Source) -> Option<Scope> {
        None
    }

    #[track_caller]
    fn grant_deliver(&self, grantee: &impl Grantee) {
        self.grant_put_events(grantee);
    }
}

#[cfg(test)]
mod tests {
    use super::{Bus, BusProps, ExistingBus};
    use crate::events::Pattern;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};

    #[test]
    fn archives_events_and_grants_publishing() {
        let platform = Platform::synth("shop", |app| {
            let stack = stack(app, "events");
            let bus = Bus::new(&stack, "shop", BusProps { archive_days: Some(30), ..Default::default() });
            bus.allow_account("444455556666");
            let role = Role::new(&stack, "orders", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            bus.grant_put_events(&role);
        });
        assert_eq!(platform.resource("AWS::Events::EventBus").props["Name"], "shop-events-shop");
        assert_eq!(platform.resource("AWS::Events::Archive").props["RetentionDays"], 30);
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains("events:PutEvents"), "{policy}");
        let statement = &platform.resource("AWS::Events::EventBusPolicy").props["Statement"];
        assert!(statement["Principal"]["AWS"].to_string().contains("444455556666"), "{statement}");
    }

    #[test]
    fn rules_of_default_bus_omit_bus_from_arn() {
        let platform = Platform::synth("shop", |app| {
            let stack = stack(app, "events");
            let aws = Bus::import(&stack, "aws", ExistingBus::named("default"));
            let bus = Bus::new(&stack, "shop", BusProps::default());
            aws.add_rule("scans", Pattern::source(["aws.ecr"])).add_target(&bus);
        });
        let rule = platform.resource("AWS::Events::Rule").props;
        assert_eq!(rule["EventBusName"], "default");
        assert!(rule["Targets"][0]["RoleArn"].is_object());
    }
}
