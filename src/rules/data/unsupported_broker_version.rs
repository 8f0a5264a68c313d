//! Amazon MQ does not offer this version of RabbitMQ or ActiveMQ, or not with this instance type.
//!
//! # What it reports
//!
//! A version whose support has ended, or that never existed, is an error. A version that is newer than the version list
//! of meshsynth is a warning. RabbitMQ 4 with an instance type other than `mq.m7g` is an error.
//!
//! # Why it matters
//!
//! Amazon MQ does not create brokers with a version whose support has ended. RabbitMQ 4 runs only on `mq.m7g`.
//!
//! # Fix
//!
//! Use a current version, such as RabbitMQ `3.13` or `4.2`.
//!
//! Source: <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-version-management.html>

use crate::diag::Diagnostic;
use crate::facts::literals::numbers;
use crate::facts::versions::mq::{ENDED, OFFERED, RABBITMQ_4_ON};
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, broker) in model.of_type("AWS::AmazonMQ::Broker") {
        let text = |name: &str| broker.props.get(name).and_then(Data::as_str);
        let (Some(engine), Some(version)) = (text("EngineType"), text("EngineVersion")) else { continue };
        let engine = engine.to_ascii_uppercase();
        let Some((_, offered)) = OFFERED.iter().find(|(known, _)| *known == engine) else { continue };
        let newest = offered.last().copied().unwrap_or_default();
        let of = numbers(version);
        let is_of = |known: &str| numbers(known).zip(of.as_ref()).is_some_and(|(known, of)| of.starts_with(&known));
        let named = match engine.as_str() {
            "RABBITMQ" => "RabbitMQ",
            _ => "ActiveMQ",
        };
        if let Some((.., day)) = ENDED.iter().find(|(ended, number, _)| *ended == engine && is_of(number)) {
            let message = format!("Amazon MQ does not create brokers with {named} `{version}`: support ended on {day}");
            out.push(model.error(id, "MS0341", message).help(format!("use `{newest}`")));
        } else if !offered.iter().any(|known| is_of(known)) {
            let is_newer = of.is_some() && of > numbers(newest);
            out.push(if is_newer {
                let message = format!("this version of meshsynth does not recognize {named} `{version}`");
                model.warning(id, "MS0341", message).help("check that Amazon MQ offers this version, and update meshsynth")
            } else {
                let message = format!("Amazon MQ does not offer {named} `{version}`");
                let note = format!("supported versions are {}", offered.join(", "));
                model.error(id, "MS0341", message).note(note).help(format!("did you mean `{newest}`?"))
            });
        }
        let is_fourth = engine == "RABBITMQ" && of.as_ref().and_then(|it| it.first()) >= Some(&4);
        let instances = text("HostInstanceType").filter(|it| is_fourth && !it.starts_with(RABBITMQ_4_ON));
        if let Some(instances) = instances {
            let message = format!("RabbitMQ `{version}` does not run on `{instances}`: it requires an `mq.m7g` instance type");
            out.push(model.error(id, "MS0341", message).help("use `mq.m7g.large`, or RabbitMQ `3.13`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::diag::Severity;
    use crate::mq::{Broker, BrokerProps, Engine};
    use crate::testing::{diagnostics, stack};

    fn broker(engine: Engine, version: &str, instances: &str) -> Vec<(&'static str, Severity)> {
        let found = diagnostics("shop", |app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps::default());
            let (engine_version, instance_type) = (Some(version.to_owned()), instances.to_owned());
            Broker::new(&data, "jobs", &vpc, BrokerProps { engine, engine_version, instance_type, ..Default::default() });
        });
        found.into_iter().map(|it| (it.code, it.severity)).collect()
    }

    #[test]
    fn reports_unsupported_and_nonexistent_versions() {
        for (engine, version) in [
            (Engine::RabbitMq, "3.12"),
            (Engine::RabbitMq, "3.11.28"),
            (Engine::RabbitMq, "3.31"),
            (Engine::ActiveMq, "5.81"),
            (Engine::ActiveMq, "five"),
        ] {
            let found = broker(engine, version, "mq.m5.large");
            assert!(found.contains(&("MS0341", if version == "5.81" { Severity::Warning } else { Severity::Error })), "{version}: {found:?}");
        }
        assert_eq!(broker(Engine::RabbitMq, "4.2", "mq.m5.large"), [("MS0341", Severity::Error)]);
    }

    #[test]
    fn warns_about_newer_versions_and_accepts_current_ones() {
        assert_eq!(broker(Engine::RabbitMq, "4.9", "mq.m7g.large"), [("MS0341", Severity::Warning)]);
        assert_eq!(broker(Engine::RabbitMq, "4.2", "mq.m7g.large"), []);
        assert_eq!(broker(Engine::RabbitMq, "3.13", "mq.m5.large"), []);
        assert_eq!(broker(Engine::ActiveMq, "5.19", "mq.m5.large"), []);
    }
}
