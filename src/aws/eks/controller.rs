//! Controllers that another team or tool installs in a cluster.

use crate::node::Kind;

use super::Cluster;

/// A controller that objects of a platform can require. See [`Cluster::comes_with`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Controller {
    /// Argo Rollouts.
    ArgoRollouts,
    /// cert-manager.
    CertManager,
    /// ExternalDNS, configured for the hosted zones of the platform's host names.
    ExternalDns,
    /// The External Secrets Operator.
    ExternalSecrets,
    /// The custom resource definitions of the Gateway API.
    GatewayApi,
    /// Istio.
    Istio,
    /// Karpenter.
    Karpenter,
    /// KEDA.
    Keda,
    /// The AWS Load Balancer Controller.
    LoadBalancerController,
    /// The Prometheus operator.
    PrometheusOperator,
}

impl Controller {
    /// All controllers.
    pub const ALL: [Self; 10] = [
        Self::ArgoRollouts,
        Self::CertManager,
        Self::ExternalDns,
        Self::ExternalSecrets,
        Self::GatewayApi,
        Self::Istio,
        Self::Karpenter,
        Self::Keda,
        Self::LoadBalancerController,
        Self::PrometheusOperator,
    ];

    /// Returns the identifier of the controller in the model, which rules use.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Controller::ArgoRollouts => "argo-rollouts",
            Controller::CertManager => "cert-manager",
            Controller::ExternalDns => "external-dns",
            Controller::ExternalSecrets => "external-secrets",
            Controller::GatewayApi => "gateway-api",
            Controller::Istio => "istio",
            Controller::Karpenter => "karpenter",
            Controller::Keda => "keda",
            Controller::LoadBalancerController => "load-balancer-controller",
            Controller::PrometheusOperator => "prometheus-operator",
        }
    }
}

impl Cluster {
    /// Declares that another team, another tool or a combined chart installs a controller. This method does not install
    /// the controller. Objects that need the controller no longer cause the warning `MS0959`.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{eks, testing, App};
    /// # let app = App::new("shop");
    /// # let cluster = testing::cluster(&app);
    /// cluster.comes_with(eks::Controller::LoadBalancerController).comes_with(eks::Controller::CertManager);
    /// ```
    pub fn comes_with(&self, controller: Controller) -> &Self {
        self.target().change(|node| {
            if let Kind::Target(target) = &mut node.kind {
                target.provided.push(controller.word());
            }
        });
        self
    }
}
