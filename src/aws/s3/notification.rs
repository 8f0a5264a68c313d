//! Event notifications of buckets.

use std::panic::Location;

use super::bucket::{Bucket, Defined};
use crate::aws::target::{Source, Target, TargetKind};
use crate::diag::Diagnostic;
use crate::node::Kind;
use crate::owner_task::OwnerTask;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data};

/// An event in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An object is created or overwritten.
    Created,
    /// An object is deleted, or a delete marker is added.
    Removed,
    /// An object is deleted because it expired.
    Expired,
    /// Another S3 event name, such as `s3:ObjectRestore:Completed`.
    Other(String),
}

impl Event {
    fn word(&self) -> String {
        match self {
            Self::Created => "s3:ObjectCreated:*".to_owned(),
            Self::Removed => "s3:ObjectRemoved:*".to_owned(),
            Self::Expired => "s3:LifecycleExpiration:*".to_owned(),
            Self::Other(name) => name.clone(),
        }
    }
}

/// A filter for event notifications of a bucket.
#[derive(Clone, Debug)]
pub struct Notification {
    event: Event,
    prefix: Option<String>,
    suffix: Option<String>,
}

impl Notification {
    /// Selects all events of a type, for all object keys.
    pub fn of(event: Event) -> Self {
        Self { event, prefix: None, suffix: None }
    }

    /// Restricts the filter to object keys with this prefix, such as `uploads/`.
    #[must_use]
    pub fn prefix(self, prefix: &str) -> Self {
        Self { prefix: Some(prefix.to_owned()), ..self }
    }

    /// Restricts the filter to object keys with this suffix, such as `.jpg`.
    #[must_use]
    pub fn suffix(self, suffix: &str) -> Self {
        Self { suffix: Some(suffix.to_owned()), ..self }
    }
}

impl From<Event> for Notification {
    fn from(event: Event) -> Self {
        Self::of(event)
    }
}

impl Bucket {
    /// Sends event notifications to a standard queue, a standard topic or a function.
    ///
    /// S3 validates the target when the notification is configured, so the bucket depends on the target's policy. If
    /// the bucket has no explicit name, the condition in that policy contains only the account.
    ///
    /// # Diagnostics
    ///
    /// - `MS0711`: S3 does not support the target.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, s3, sqs};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let photos = s3::Bucket::new(&data, "photos", s3::BucketProps::default());
    /// let thumbnails = sqs::Queue::new(&data, "thumbnails", sqs::QueueProps::default());
    /// photos.notify(&thumbnails, s3::Notification::of(s3::Event::Created).suffix(".jpg"));
    /// ```
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>
    #[track_caller]
    pub fn notify(&self, target: &impl Target, notification: impl Into<Notification>) -> &Self {
        let place = match target.target_kind() {
            TargetKind::Queue { fifo: false } => ("NotificationConfiguration.QueueConfigurations", "Queue"),
            TargetKind::Topic { fifo: false } => ("NotificationConfiguration.TopicConfigurations", "Topic"),
            TargetKind::Function => ("NotificationConfiguration.LambdaConfigurations", "Function"),
            _ => {
                let at = self.scope().user_line(Location::caller());
                let message = "a bucket sends notifications only to standard queues, standard topics and functions";
                let help = "use a standard queue, or `send_to_event_bridge` and a rule of the event bus";
                self.scope().report(Diagnostic::error("MS0711", message).help(help).at(at));
                return self;
            }
        };
        // A bucket name that CloudFormation generates cannot be used here, because the bucket depends on the target.
        let name = self.defined.as_ref().map_or_else(|| self.name().known().cloned(), |defined| defined.name.clone());
        let arn = name.map(|name| text!["arn:", self.scope().partition(), format!(":s3:::{name}")]);
        let admitted = target.admit(&Source::new(self, "s3.amazonaws.com", arn));
        let (path, property) = place;
        let entry = entry(notification.into(), property, target);
        match &self.defined {
            Some(defined) => {
                defined.bucket.scope().add(path, entry);
                wait_for(defined, admitted);
            }
            None => self.scope().owner_task(OwnerTask {
                owner: self.arn(),
                what: "add the event notification to the bucket".to_owned(),
                document: Some(entry),
            }),
        }
        self
    }

    /// Publishes the events of the bucket on the default event bus. A rule can match them with
    /// `Pattern::source(["aws.s3"]).detail_type(["Object Created"]).detail_is("bucket.name", bucket.name())`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html>
    #[track_caller]
    pub fn send_to_event_bridge(&self) -> &Self {
        match &self.defined {
            Some(defined) => {
                let bucket = defined.bucket.scope();
                bucket.put("NotificationConfiguration.EventBridgeConfiguration", "EventBridgeEnabled", true);
            }
            None => self.scope().owner_task(OwnerTask {
                owner: self.arn(),
                what: "enable Amazon EventBridge notifications for the bucket".to_owned(),
                document: None,
            }),
        }
        self
    }
}

fn entry(notification: Notification, property: &'static str, target: &impl Target) -> Data {
    let mut entry = Bag::default().with("Event", notification.event.word()).with(property, target.target_arn());
    let rule = |name: &'static str, value: Option<String>| {
        value.map(|value| Data::Map(Bag::default().with("Name", name).with("Value", value)))
    };
    let rules: Vec<Data> =
        [rule("prefix", notification.prefix), rule("suffix", notification.suffix)].into_iter().flatten().collect();
    if !rules.is_empty() {
        let key = Bag::default().with("Rules", rules);
        entry.set("Filter", Bag::default().with("S3Key", key));
    }
    Data::Map(entry)
}

/// Adds a dependency of the bucket on the target's policy if both are in the same stack. A target in another stack is
/// deployed earlier, because the bucket reads its ARN.
fn wait_for(defined: &Defined, admitted: Option<Scope>) {
    let bucket = defined.bucket.scope();
    let Some(admitted) = admitted.filter(|it| it.stack().node() == bucket.stack().node()) else { return };
    bucket.change(|node| {
        if let Kind::Resource(resource) = &mut node.kind
            && !resource.depends_on.contains(&admitted.node())
        {
            resource.depends_on.push(admitted.node());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{Event, Notification};
    use crate::s3::{Bucket, BucketProps, ExistingBucket};
    use crate::sns::{Topic, TopicProps};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn notification_depends_on_queue_policy() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let photos = Bucket::new(&data, "photos", BucketProps::default());
            let thumbnails = Queue::new(&data, "thumbnails", QueueProps::default());
            photos.notify(&thumbnails, Notification::of(Event::Created).prefix("uploads/").suffix(".jpg"));
        });
        let bucket = platform.resource("AWS::S3::Bucket");
        let told = &bucket.props["NotificationConfiguration"]["QueueConfigurations"][0];
        assert_eq!(
            (&told["Event"], &told["Filter"]["S3Key"]["Rules"][1]["Value"]),
            (&"s3:ObjectCreated:*".into(), &".jpg".into())
        );
        let waits = bucket.entry["DependsOn"].to_string();
        assert!(waits.contains("ThumbnailsPolicy"), "{waits}");
        let policies = platform.resources("AWS::SQS::QueuePolicy");
        let policy =
            policies.iter().find(|it| it.props.to_string().contains("s3.amazonaws.com")).unwrap().props.to_string();
        assert!(policy.contains("aws:SourceAccount") && !policy.contains("Photos"), "no circle: {policy}");
    }

    #[test]
    fn named_bucket_notifies_topic_and_event_bus() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let name = Some("acme-photos".to_owned());
            let photos = Bucket::new(&data, "photos", BucketProps { name, ..Default::default() });
            let topic = Topic::new(&stack(app, "messages"), "photos", TopicProps::default());
            photos.notify(&topic, Event::Removed).send_to_event_bridge();
        });
        let told = &platform.resource("AWS::S3::Bucket").props["NotificationConfiguration"];
        assert!(told["TopicConfigurations"][0]["Topic"]["Fn::ImportValue"].is_string(), "{told}");
        assert_eq!(told["EventBridgeConfiguration"]["EventBridgeEnabled"], true);
        let policy = platform.resource("AWS::SNS::TopicPolicy").props.to_string();
        assert!(policy.contains(":s3:::acme-photos"), "{policy}");
    }

    #[test]
    fn notification_of_imported_bucket_is_owner_task() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let photos = Bucket::import(&data, "photos", ExistingBucket::named("acme-photos"));
            photos.notify(&Queue::new(&data, "thumbnails", QueueProps::default()), Event::Created);
        });
        let owners = platform.assembly.files["owners.json"].as_str();
        assert!(owners.contains("acme-photos") && owners.contains("s3:ObjectCreated:*"), "{owners}");
    }
}
