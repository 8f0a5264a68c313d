//! Node roles: pods can obtain them from the instance metadata service.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html> and
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html>.

use std::net::Ipv4Addr;

use meshsynth_access::kubernetes::Traffic;

use super::ways::Ways;
use super::{Engine, cluster};
use crate::edit::Edit;
use crate::ends::{Port, Source};
use crate::link::{Layer, Link, Verdict};
use crate::network::{number, spans};
use crate::world::{ResourceId, WorkloadId};

const SERVICE: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

impl Engine<'_> {
    /// Returns the paths with the source's own credentials and, for a pod, with those of its nodes.
    pub(super) fn with_node(&self, source: &Source, ask: impl Fn(&Source) -> Vec<Vec<Link>>) -> Ways {
        let own = Ways::of(ask(source));
        let Source::Workload(id) = source else { return own };
        let nodes = self.pods.node_groups(self.world.workload(*id).cluster).iter();
        nodes.fold(own, |all, node| {
            let metadata = Ways::one(self.metadata(*id, *node));
            if metadata.verdict() == Verdict::Denied {
                return all;
            }
            let by_node = metadata.and(&Ways::of(ask(&Source::Resource(*node))));
            // If the node is also denied, its links do not help to explain the pod's denial.
            if by_node.verdict() == Verdict::Denied { all } else { all.or(by_node) }
        })
    }

    /// Returns the links that decide whether a pod on a node reaches the metadata service.
    fn metadata(&self, pod: WorkloadId, node: ResourceId) -> Vec<Link> {
        let nodes = self.world.resource(node);
        let template = self.world.named_by(nodes.property("LaunchTemplate.Id"));
        let template = template.or_else(|| self.world.named_by(nodes.property("LaunchTemplate.Name")));
        let holder = template.map_or(nodes, |id| self.world.resource(id));
        let options = holder.property("LaunchTemplateData.MetadataOptions");
        let hops = number(&options["HttpPutResponseHopLimit"]);
        let is_on_host = self.world.workload(pod).is_on_host;
        let (verdict, why) = match (options["HttpEndpoint"].as_str(), options["HttpTokens"].as_str(), hops) {
            (Some("disabled"), ..) => (Verdict::Denied, "the metadata service of the node is disabled"),
            _ if is_on_host => (Verdict::Allowed, "pods that use the node network receive the role of the node"),
            (_, Some("optional"), _) => {
                (Verdict::Allowed, "the metadata service provides the role of the node to pods without a token")
            }
            (_, _, Some(2..)) => {
                (Verdict::Allowed, "the hop limit of the metadata service allows pods to receive the role of the node")
            }
            (_, Some("required"), Some(_)) => (Verdict::Denied, "the hop limit of the metadata service blocks pods"),
            _ => (Verdict::Unknown, "the hop limit of the metadata service is not in the files"),
        };
        let field = "LaunchTemplateData.MetadataOptions";
        let closed = serde_json::json!({ "HttpTokens": "required", "HttpPutResponseHopLimit": 1 });
        let edit = (template.is_some() && !is_on_host).then(|| Edit::set(holder.title(), field, &holder.at, closed));
        let link = Link::new(Layer::Trust, verdict, why).by(holder.title(), field, &holder.at);
        let policies = &self.policies[self.world.workload(pod).cluster];
        let service = spans(&SERVICE.to_string()).unwrap_or_default();
        vec![
            cluster::addresses(policies, &policies.pod(pod), Traffic::Egress, &service, Port::tcp(80)),
            link.edited(edit.into_iter().collect()),
        ]
    }
}
