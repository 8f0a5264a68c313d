//! MSK does not offer this Kafka version, or the version uses ZooKeeper.
//!
//! # What it reports
//!
//! - A version that MSK does not offer, or whose support has ended, such as 2.8.1, is an error.
//! - A version for Express brokers on another broker type is an error.
//! - A version without `.kraft` is a warning, because it stores its metadata in ZooKeeper.
//! - A version that is newer than the version list of meshsynth is a warning.
//!
//! Versions have MSK names, such as `3.9.x.kraft`, and MSK chooses the patch version.
//!
//! # Why it matters
//!
//! MSK rejects unsupported versions for new clusters, and upgrades existing clusters without notice. Kafka 4 does not
//! support ZooKeeper. A cluster with ZooKeeper reaches Kafka 4 in three steps: 3.9.x, then 3.9.x.kraft, then 4.x. MSK
//! migrates the metadata in place if the cluster runs 3.9.x in three zones and clients cannot connect to ZooKeeper. MSK
//! cannot undo these steps.
//!
//! # Fix
//!
//! Use the default version, or another version with `.kraft`. For an existing cluster, `meshsynth upgrade` lists the steps.
//!
//! Source: <https://docs.aws.amazon.com/msk/latest/developerguide/supported-kafka-versions.html>

use crate::facts::versions::msk::{self as versions, Offer};
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, cluster) in model.of_type("AWS::MSK::Cluster") {
        let Some(version) = cluster.props.get("KafkaVersion").and_then(Data::as_str) else { continue };
        let broker = cluster.props.at("BrokerNodeGroupInfo.InstanceType").and_then(Data::as_str).unwrap_or_default();
        let instead = format!("use `{}`", versions::meant(version));
        out.extend(match versions::offer(version) {
            Offer::Kraft => None,
            Offer::Express if versions::is_express(broker) => None,
            Offer::Express => {
                let message = format!("Kafka `{version}` does not run on `{broker}`: it requires Express brokers");
                Some(
                    model
                        .error(id, "MS0302", message)
                        .help("use `express.m7g.large` or larger, or Kafka `4.1.x.kraft`"),
                )
            }
            Offer::ZooKeeper => {
                let message = format!("Kafka `{version}` uses ZooKeeper, which Kafka 4 does not support");
                let help = match versions::migrates_in_place(version) {
                    true => format!("{instead}, to which MSK migrates an existing cluster in place"),
                    false => format!("{instead}; upgrade an existing cluster to `3.9.x` first"),
                };
                Some(model.warning(id, "MS0302", message).help(help))
            }
            Offer::Ended(day) => {
                let message = format!("MSK does not create clusters with Kafka `{version}`: support ended on {day}");
                Some(model.error(id, "MS0302", message).help(instead))
            }
            Offer::Newer => {
                let message = format!("this version of meshsynth does not recognize Kafka `{version}`");
                Some(model.warning(id, "MS0302", message).help("check that MSK offers this version, and update meshsynth"))
            }
            Offer::Unknown => {
                let message = format!("MSK does not offer Kafka `{version}`");
                Some(model.error(id, "MS0302", message).help(instead))
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::aws;
    use crate::msk::{Cluster, ClusterProps};
    use crate::testing::{codes, stack, try_synth};

    fn kafka(app: &crate::App, version: &str, broker: &str) {
        let data = stack(app, "data");
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        let (kafka_version, instance_type) = (version.to_owned(), broker.to_owned());
        Cluster::new(&data, "events", &vpc, ClusterProps { kafka_version, instance_type, ..Default::default() });
    }

    #[test]
    fn reports_an_ended_version_with_its_date() {
        let failure = try_synth("app", |app| kafka(app, "2.8.1", "kafka.m5.large")).err().unwrap();
        let diagnostic = &failure.diagnostics[0];
        assert_eq!(diagnostic.code, "MS0302");
        assert!(diagnostic.message.contains("support ended on 2024-09-11"), "{}", diagnostic.message);
    }

    #[test]
    fn suggests_the_name_that_msk_uses_for_a_version() {
        let failure = try_synth("app", |app| kafka(app, "4.0.1", "kafka.m5.large")).err().unwrap();
        assert_eq!(failure.diagnostics[0].help.as_deref(), Some("use `4.0.x.kraft`"));
    }

    #[test]
    fn warns_about_zookeeper() {
        assert_eq!(codes(|app| kafka(app, "3.9.x", "kafka.m5.large")), ["MS0302"]);
    }

    #[test]
    fn names_the_migration_in_place() {
        let warning = |version: &str| {
            let assembly = try_synth("app", |app| kafka(app, version, "kafka.m5.large")).unwrap();
            assembly.warnings.iter().find(|it| it.code == "MS0302").and_then(|it| it.help.clone()).unwrap()
        };
        assert_eq!(warning("3.9.x"), "use `3.9.x.kraft`, to which MSK migrates an existing cluster in place");
        assert_eq!(warning("3.8.x"), "use `3.8.x.kraft`; upgrade an existing cluster to `3.9.x` first");
    }

    #[test]
    fn requires_express_brokers_for_express_versions() {
        assert_eq!(codes(|app| kafka(app, "4.2.x.kraft", "kafka.m5.large")), ["MS0302"]);
        assert_eq!(codes(|app| kafka(app, "4.2.x.kraft", "express.m7g.large")), [""; 0]);
    }

    #[test]
    fn accepts_kraft() {
        assert_eq!(codes(|app| kafka(app, "3.9.x.kraft", "kafka.m5.large")), [""; 0]);
    }
}
