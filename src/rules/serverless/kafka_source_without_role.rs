//! A function reads a topic of a cluster without IAM authentication.
//!
//! # What it reports
//!
//! `add_kafka_source` uses a topic of an MSK cluster that does not have `Authentication::Iam`.
//!
//! # Why it matters
//!
//! Lambda reads the topic with the function's role. A cluster with only passwords or certificates rejects it.
//!
//! # Fix
//!
//! Add `Authentication::Iam` to the cluster. A cluster may have several authentication methods.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html>

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::lambda::{Code, Function, FunctionProps, KafkaSource};
    use crate::msk::{Authentication, Cluster, ClusterProps};
    use crate::testing::{codes, stack};
    use crate::{App, ecr};

    fn with(app: &App, authentication: Authentication) {
        let run = stack(app, "run");
        let vpc = Vpc::new(&run, "vpc", VpcProps::default());
        let images = ecr::Repository::new(&run, "mailer", ecr::RepositoryProps::default());
        let function = Function::new(&run, "mailer-function", Code::image(&images, "1.0.0"), FunctionProps::default());
        let props = ClusterProps { authentication: vec![authentication], ..ClusterProps::default() };
        let cluster = Cluster::new(&run, "events", &vpc, props);
        function.add_kafka_source(&cluster.topic("orders"), KafkaSource::default());
    }

    #[test]
    fn reports_a_topic_with_password_authentication() {
        assert_eq!(codes(|app| with(app, Authentication::Scram)), ["MS0335"]);
    }

    #[test]
    fn accepts_a_topic_with_iam_authentication() {
        assert_eq!(codes(|app| with(app, Authentication::Iam)), [""; 0]);
    }
}
