//! The events of the shop, and their receivers.

use meshsynth::aws::Vpc;
use meshsynth::events::{Bus, BusProps, Pattern};
use meshsynth::scheduler::{Schedule, ScheduleProps, When};
use meshsynth::stepfunctions::{Chain, Choice, Condition, Retry, State, StateMachine, Task};
use meshsynth::{App, Duration, Stack, lambda, s3, sns, sqs};

use crate::data::Data;
use crate::{Environment, partners};

/// The queues, topics and the bus of the shop.
pub struct Events {
    /// The topic of order events.
    pub orders: sns::Topic,
    /// The queue of orders to pack.
    pub packing: sqs::Queue,
    /// The bucket for uploads of customers.
    pub uploads: s3::Bucket,
    /// The queue of photos to resize.
    pub photos: sqs::Queue,
    /// The queue of recommendation requests.
    pub waiting: sqs::Queue,
    /// The bus with events for other teams.
    pub bus: Bus,
    /// The state machine of returns.
    pub returns: StateMachine,
    pub mailer: lambda::Function,
}

pub fn define(app: &App, env: &Environment, vpc: &Vpc, data: &Data) -> Events {
    let stack = Stack::new(app, "events", env.place());
    stack.describe("Topics, queues, the event bus, and the workloads that events start.");
    let key = Some(data.key.clone());
    let queue = |id: &str| sqs::Queue::new(&stack, id, sqs::QueueProps { key: key.clone(), ..Default::default() });
    let orders = sns::Topic::new(&stack, "orders", sns::TopicProps { key: key.clone(), ..Default::default() });
    let (packing, mails, photos, waiting) = (queue("packing"), queue("mails"), queue("photos"), queue("waiting"));
    let paid = sns::Filter::by_attributes().and("status", ["paid"]);
    let paid = sns::SubscriptionProps { filter: Some(paid), ..Default::default() };
    orders.subscribe_with(&packing, paid).subscribe(&mails);
    let logs = format!("acme-access-logs-{}", env.account);
    let uploads = s3::BucketProps {
        key: key.clone(),
        access_logs: Some(s3::Bucket::import(&stack, "company-logs", s3::ExistingBucket::named(&logs))),
        ..Default::default()
    };
    let uploads = s3::Bucket::new(&stack, "uploads", uploads);
    uploads.notify(&photos, s3::Notification::of(s3::Event::Created).suffix(".jpg"));

    let builds = s3::ExistingBucket::named(&format!("acme-builds-{}", env.account));
    let builds = s3::Bucket::import(&stack, "company-builds", builds);
    let code = lambda::Code::zip(&builds, "retail/mailer-3.1.4.zip", "python3.14", "mailer.handler");
    let props =
        lambda::FunctionProps { vpc: Some(vpc.clone()), key: key.clone(), concurrency: Some(10), ..Default::default() };
    let mailer = lambda::Function::new(&stack, "mailer", code, props);
    mailer.add_queue_source(&mails, Default::default());
    // Abandoned carts.
    mailer.add_stream_source(
        &data.carts,
        lambda::StreamSource { failures: Some(mails.failures()), ..Default::default() },
    );
    data.orders.allow_from(&mailer);
    data.orders.grant_connect(&mailer, "mailer");
    mailer.env("DB_HOST", data.orders.address());

    let refund = State::task("tell packing", Task::Send(packing.clone())).retry(Retry::default());
    let inspect = Choice::when(
        Condition::above("$.detail.value", 200.0),
        Chain::new([
            State::wait("let somebody look", Duration::days(1)),
            State::fail("by hand", "ByHand", "is above 200"),
        ]),
    );
    let steps = Chain::new([State::choice("is it worth a look?", inspect), refund]);
    let returns = StateMachine::new(&stack, "returns", steps, Default::default());
    let bus = Bus::new(&stack, "shop", BusProps { archive_days: Some(30), ..Default::default() });
    bus.add_rule("returned", Pattern::source(["shop.orders"]).detail_type(["OrderReturned"])).add_target(&returns);
    let in_berlin = ScheduleProps { time_zone: "Europe/Berlin".to_owned(), ..Default::default() };
    Schedule::new(&stack, "weekly-news", When::cron("0 7 ? * MON *"), &mailer, in_berlin);
    partners::define(&stack, env, vpc, data);
    Events { orders, packing, uploads, photos, waiting, bus, returns, mailer }
}
