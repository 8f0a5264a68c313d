//! The AWS identity of pods, and their connections to AWS.

use crate::aws::{Client, Endpoint, Grantee, existing};
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::eks::Identity;
use crate::iam::Role;
use crate::tree::{At, Scope};
use crate::val::Val;

use super::super::core::{identity, network, ways};
use super::{Account, Pods};

/// The role of another principal that may assume the role of the pods.
#[derive(Default)]
struct LentTo(Option<Role>);

impl Pods {
    /// Allows the connections that the role of an existing service account needs. The role may exist before the first
    /// grant to these pods. In a mesh, call it after the sidecar object is defined, because the hosts are added to that
    /// object.
    #[track_caller]
    pub(in crate::mesh) fn run_as(&self) {
        let Account::Existing(account) = &self.account else { return };
        let (scope, namespace, policy) = (self.scope.clone(), self.namespace.clone(), self.policy().clone());
        account.when_it_has_a_role(move |role| {
            if namespace.cluster().identity() == Identity::PodIdentity {
                network::allow_to_cidrs(&policy, &[network::POD_IDENTITY_AGENT], 80);
            }
            ways::open(role, &namespace, &scope, &policy);
        });
    }

    /// Allows another role to assume the role of the pods. Returns whether this permission is new.
    #[track_caller]
    pub(in crate::mesh) fn lend_role_to(&self, role: Role) -> bool {
        if let Account::Existing(account) = &self.account {
            let name = account.name();
            let message = format!("KEDA cannot assume the role of the existing service account `{name}`");
            let help = "use `TriggerIdentity::Keda`, or define a service account for the pods";
            let at = self.scope.user_line(At::caller());
            self.scope.report(Diagnostic::error("MS0450", message).at(at).help(help));
            return false;
        }
        self.scope.keep(|lent: &mut LentTo| lent.0.replace(role).is_none())
    }

    /// Returns the name of the pods' service account.
    pub(in crate::mesh) fn account(&self) -> &str {
        match &self.account {
            Account::Bare(known) => known.account(),
            Account::Own(_) => &self.name,
            Account::Existing(account) => account.name(),
        }
    }
}

impl Grantee for Pods {
    fn role(&self) -> Role {
        match &self.account {
            Account::Bare(known) => self.role_of_bare(known),
            Account::Own(account) => {
                let lent_to = self.scope.keep(|lent: &mut LentTo| lent.0.clone());
                identity::role(&self.scope, &self.namespace, &self.name, account, self.policy(), lent_to.as_ref())
            }
            Account::Existing(account) => account.role(),
        }
    }
}

impl Client for Pods {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.namespace.cluster().security_group()
    }

    fn security_group_owner(&self) -> Scope {
        self.namespace.cluster().security_group_owner()
    }

    #[track_caller]
    fn on_connect(&self, endpoint: &Endpoint) {
        if endpoint.cidrs.is_empty() {
            existing::no_blocks(&endpoint.owner, "with_network");
        }
        network::allow_to_cidrs(self.policy(), &endpoint.cidrs, endpoint.port);
        ways::know_endpoint(&self.namespace, &self.scope, endpoint);
    }
}
