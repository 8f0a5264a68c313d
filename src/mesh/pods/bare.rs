//! Bare pods, and the objects that the program adds to them.

use std::rc::Rc;

use crate::Object;
use crate::aws::{Grantee, existing};
use crate::iam::Role;
use crate::kube::{self, apps, core, networking};
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, Value};

use super::super::core::{ExistingServiceAccount, Namespace, ServiceAccount, identity, network};
use super::known::Known;
use super::paths::{Paths, TEMPLATE};
use super::{Account, Pods};

/// An existing service account that the pods share.
#[derive(Default)]
struct Shared(Option<ServiceAccount>);

impl Pods {
    /// Returns the pods of an object, without other objects.
    pub(in crate::mesh) fn bare(
        scope: &Scope,
        namespace: &Namespace,
        name: &str,
        (object, paths): (&Data, &'static Paths),
    ) -> Self {
        let known = Known::of(object, paths.template);
        let containers = object.at(&format!("{}.spec.containers", paths.template)).and_then(Data::as_list);
        Self {
            scope: scope.clone(),
            namespace: namespace.of_bare(),
            name: name.to_owned(),
            ports: Vec::new().into(),
            n_containers: containers.map_or(1, |it| it.len() as u32),
            account: Account::Bare(Rc::new(known)),
            policy: None,
            digests: Vec::new().into(),
        }
    }

    pub(super) fn as_bare(&self) -> Option<&Known> {
        match &self.account {
            Account::Bare(known) => Some(known),
            Account::Own(_) | Account::Existing(_) => None,
        }
    }

    /// Adds a `Service` for bare pods. The first `Service` determines the host name and the ports of the pods.
    #[track_caller]
    pub fn add_service(&self, name: &str, service: core::Service) -> Object<core::Service> {
        let says = service.clone().into_data();
        let object = self.add(name, service);
        if self.as_bare().is_some_and(|known| known.serve(name, &object, &says)) {
            self.served_by(object.scope());
        }
        object
    }

    /// Adds the service account of bare pods, if no other owner defines it. The first grant annotates the service
    /// account with the role of the pods.
    #[track_caller]
    pub fn add_service_account(&self, name: &str, account: core::ServiceAccount) -> Object<core::ServiceAccount> {
        let object = self.add(name, account);
        if let Some(known) = self.as_bare() {
            known.own(name, &object);
        }
        object
    }

    /// Adds a network policy of bare pods. Later relations add rules in the directions that the policy restricts. If no
    /// policy restricts a direction, all its traffic is allowed.
    #[track_caller]
    pub fn add_network_policy(
        &self,
        name: &str,
        policy: networking::NetworkPolicy,
    ) -> Object<networking::NetworkPolicy> {
        let object = self.add(name, policy);
        if self.is_bare() {
            network::add_to_bare(self.scope(), object.scope());
        }
        object
    }

    /// Adds another `Deployment` of bare pods behind the same `Service`, such as another version. Variables and calls
    /// that the program defines later also apply to these pods.
    #[track_caller]
    pub fn add_version(&self, name: &str, deployment: apps::Deployment) -> Object<apps::Deployment> {
        let says = deployment.clone().into_data();
        let object = self.add(name, deployment);
        if let Some(known) = self.as_bare() {
            known.add_version(self.scope(), says.at("spec.template.metadata.labels"));
        }
        self.also_made_by(object.scope(), &TEMPLATE);
        object
    }

    /// Adds an object in the namespace of the pods, such as their `ConfigMap`, their autoscaler or a route to them.
    #[track_caller]
    pub fn add<T: kube::Kind + Value>(&self, name: &str, object: T) -> Object<T> {
        let id = format!("{}-{name}", T::KIND.to_lowercase());
        let body = match object.into_data() {
            Data::Map(body) => body,
            _ => Bag::default(),
        };
        Object::define(self.scope(), &id, name, body)
    }

    /// Whether the pods are bare.
    pub(in crate::mesh) fn is_bare(&self) -> bool {
        self.as_bare().is_some()
    }

    /// Returns the `Service` of bare pods. Reports a missing `Service`.
    #[track_caller]
    pub(in crate::mesh) fn added_service(&self) -> Option<&Object<core::Service>> {
        let known = self.as_bare()?;
        if known.service().is_none() {
            existing::no_object(&self.scope, "Service", "add it with `add_service`");
        }
        known.service()
    }

    /// Returns the role of bare pods. If another owner defines the service account, an owner task describes its
    /// annotation with the role.
    pub(super) fn role_of_bare(&self, known: &Known) -> Role {
        if let Some(account) = known.own_account() {
            return identity::role(&self.scope, &self.namespace, known.account(), account, self.policy(), None);
        }
        let shared = self.scope.keep(|shared: &mut Shared| shared.0.clone());
        let account = shared.unwrap_or_else(|| {
            let existing = ExistingServiceAccount::named(known.account());
            let account = ServiceAccount::import(&self.namespace, &format!("account-{}", self.name), existing);
            self.scope.keep(|shared: &mut Shared| shared.0 = Some(account.clone()));
            account
        });
        account.role()
    }
}
