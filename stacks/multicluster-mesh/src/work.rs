//! Queues of mails and receipts, and the workloads that process them.

use meshsynth::cloudwatch::{Metric, Statistic};
use meshsynth::elasticache::{Access, ReplicationGroup, ReplicationGroupProps};
use meshsynth::mesh::{Events, Scale, ScaledJob, ScaledJobProps, Trigger, Workload, WorkloadProps};
use meshsynth::{Val, sqs};

use crate::cluster::Site;

/// Some pods process mails during working hours. Each receipt is a job.
pub fn define(site: &Site) {
    let mails = sqs::Queue::new(&site.stack, "mails", sqs::QueueProps::default());
    let name = Val::<String>::from(mails.arn()).piece(":", 5);
    let age = Metric::new("AWS/SQS", "ApproximateAgeOfOldestMessage").of("QueueName", name).by(Statistic::Maximum);
    let triggers = [
        Trigger::queue(&mails, 20),
        Trigger::metric(age, 60.0),
        Trigger::cron("Asia/Tokyo", "0 8 * * *", "0 20 * * *", 3),
    ];
    let scale = Scale::Events(Events { max: 20, ..Events::new(&site.keda, triggers) });
    let image = "registry.example/shop/mailer:1.0.0";
    let mailer = Workload::new(&site.shop, "mailer", image, WorkloadProps { scale, ..Default::default() });
    mails.grant_receive(&mailer);
    mailer.env("QUEUE_URL", mails.url());

    let vpc = site.shop.cluster().vpc();
    let props = ReplicationGroupProps { access: Access::Password, ..Default::default() };
    let lists = ReplicationGroup::new(&site.stack, "lists", vpc, props);
    let image = "registry.example/shop/receipts:1.0.0";
    let triggers = [Trigger::list(&lists, "receipts", 1)];
    let receipts = ScaledJob::new(&site.shop, "receipts", image, &site.keda, triggers, ScaledJobProps::default());
    receipts.env("REDIS_HOST", lists.primary_address());
    lists.allow_from(&receipts);
}
