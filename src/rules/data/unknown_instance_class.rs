//! The instance type of a database, cache, search domain or broker is not known.
//!
//! # What it reports
//!
//! A type is an error if a similar type exists. It is a warning if there is no similar type, or if it differs only in a
//! number, because new generations appear every year. The rule does not check whether a region offers the type.
//!
//! # Why it matters
//!
//! Each service has its own types: `db.t4g.medium`, `cache.t4g.small`, `r7g.large.search`, `mq.m5.large`. The service
//! rejects other types when it creates the resource, minutes into a deployment.
//!
//! # Fix
//!
//! Correct the name. For a new generation, check that the service offers it, and update meshsynth.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html>

use crate::diag::Diagnostic;
use crate::facts::{self, literals::Instances};
use crate::rules::index::literals::{judged, texts_at};
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, resource) in model.resources_with(|it| !it.classes.is_empty()) {
        for row in &facts::resource(&resource.type_name).classes {
            let instances = match row.family {
                "broker" => Instances::Broker,
                "cache" => Instances::Cache,
                "search" => Instances::Search,
                _ => Instances::Database,
            };
            for text in texts_at(&resource.props, row.property) {
                out.extend(judged(model, id, "MS0340", "instance class", text, instances.judge(text)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::diag::Severity;
    use crate::elasticache::{ReplicationGroup, ReplicationGroupProps};
    use crate::rules::testing::templates::found;
    use crate::testing::{diagnostics, stack};

    fn cache(node_type: &str) -> Vec<(&'static str, Severity)> {
        let found = diagnostics("shop", |app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps::default());
            let props = ReplicationGroupProps { node_type: node_type.to_owned(), ..Default::default() };
            ReplicationGroup::new(&data, "sessions", &vpc, props);
        });
        found.into_iter().map(|it| (it.code, it.severity)).collect()
    }

    #[test]
    fn reports_misspelled_types_and_warns_about_newer_ones() {
        assert_eq!(cache("cache.t4g.smal"), [("MS0340", Severity::Error)]);
        assert_eq!(cache("cache.r99g.large"), [("MS0340", Severity::Warning)]);
    }

    #[test]
    fn checks_document_and_graph_databases() {
        let of = |type_name: &str, class: &str| {
            let text = format!(r#"{{ "Resources": {{ "Server": {{ "Type": "{type_name}", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
                "Properties": {{ "DBClusterIdentifier": "shop", "DBInstanceClass": "{class}" }} }} }} }}"#);
            found(&text).iter().filter(|it| it.code == "MS0340").count()
        };
        for type_name in ["AWS::DocDB::DBInstance", "AWS::Neptune::DBInstance"] {
            assert_eq!((of(type_name, "db.r5.larg"), of(type_name, "db.r5.large")), (1, 0), "{type_name}");
        }
    }

    #[test]
    fn accepts_a_known_type() {
        assert_eq!(cache("cache.t4g.small"), []);
    }
}
