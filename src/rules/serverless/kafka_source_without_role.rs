//! A function reads a topic of a cluster that takes no clients that come with their role.
//!
//! The function's role says what Lambda reads for it. A cluster that knows
//! names and passwords or certificates alone refuses it.
//!
//! Add `Authentication::Iam` to the cluster; it may have several.
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
    fn a_topic_behind_passwords_is_an_error() {
        assert_eq!(codes(|app| with(app, Authentication::Scram)), ["MS0335"]);
    }

    #[test]
    fn a_topic_behind_roles_is_fine() {
        assert_eq!(codes(|app| with(app, Authentication::Iam)), [""; 0]);
    }
}
