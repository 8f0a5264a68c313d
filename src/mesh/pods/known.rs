//! The properties of bare pods.

use std::cell::OnceCell;

use crate::Object;
use crate::kube::core;
use crate::tree::Scope;
use crate::val::{Bag, Data};

use super::super::core::Protocol;
use super::port::Port;

/// The properties of bare pods, read from their object.
pub(super) struct Known {
    /// The labels that select the pods.
    labels: Vec<(String, String)>,
    /// The name of their service account.
    account: String,
    /// The container ports, with their names.
    listens: Vec<(Option<String>, u16)>,
    /// The added service account.
    own_account: OnceCell<Object<core::ServiceAccount>>,
    service: OnceCell<Served>,
}

/// The `Service` of the pods.
struct Served {
    name: String,
    object: Object<core::Service>,
    ports: Vec<Port>,
    /// Pairs of service port and pod port.
    behind: Vec<(u16, u16)>,
}

/// The pod labels in the `Deployment` objects of other versions.
#[derive(Default)]
struct Versions(Vec<Vec<(String, String)>>);

/// The service account of pods whose object specifies none.
const NOBODY: &str = "default";

impl Known {
    /// Reads the properties of pods from an object, with the path of its pod template.
    pub(super) fn of(object: &Data, template: &str) -> Self {
        let at = |path: &str| object.at(&format!("{template}.{path}"));
        let selector = object.at("spec.selector");
        let wanted = selector.filter(|it| it.at("matchExpressions").is_none()).and_then(|it| it.at("matchLabels"));
        let labels = wanted.or_else(|| at("metadata.labels"));
        let account = at("spec.serviceAccountName").or_else(|| at("spec.serviceAccount")).and_then(Data::as_str);
        let containers = ["spec.containers", "spec.initContainers"].into_iter().filter_map(at);
        let containers = containers.filter_map(Data::as_list).flatten();
        let ports = containers.filter_map(|it| it.at("ports")).filter_map(Data::as_list).flatten();
        let listens = ports.filter_map(|it| {
            Some((it.at("name").and_then(Data::as_str).map(str::to_owned), port_number(it.at("containerPort")?)?))
        });
        Self {
            labels: labels.map(texts).unwrap_or_default(),
            account: account.unwrap_or(NOBODY).to_owned(),
            listens: listens.collect(),
            own_account: OnceCell::new(),
            service: OnceCell::new(),
        }
    }

    /// Returns the target port of a `Service`, by number or by name.
    fn target(&self, target: &Data) -> Option<u16> {
        let by_name = |name: &str| self.listens.iter().find(|(own, _)| own.as_deref() == Some(name));
        port_number(target).or_else(|| target.as_str().and_then(by_name).map(|(_, port)| *port))
    }

    /// Sets the `Service` of the pods, unless they already have a `Service`. Returns whether it was set.
    pub(super) fn serve(&self, name: &str, object: &Object<core::Service>, service: &Data) -> bool {
        self.service.set(self.served(name, object.clone(), service)).is_ok()
    }

    fn served(&self, name: &str, object: Object<core::Service>, service: &Data) -> Served {
        let ports = service.at("spec.ports").and_then(Data::as_list).unwrap_or_default();
        let is_tcp = |port: &&Data| port.at("protocol").and_then(Data::as_str).is_none_or(|it| it == "TCP");
        let (mut known, mut behind) = (Vec::new(), Vec::new());
        for port in ports.iter().filter(is_tcp) {
            let Some(number) = port.at("port").and_then(port_number) else { continue };
            let name = port.at("name").and_then(Data::as_str);
            let protocol = protocol(port.at("appProtocol").and_then(Data::as_str).or(name).unwrap_or_default());
            known.push(Port::new(name.unwrap_or(protocol.port_name()), number, protocol));
            behind.push((number, port.at("targetPort").and_then(|it| self.target(it)).unwrap_or(number)));
        }
        Served { name: name.to_owned(), object, ports: known, behind }
    }

    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// Returns the added service account of the pods.
    pub(super) fn own_account(&self) -> Option<&Object<core::ServiceAccount>> {
        self.own_account.get()
    }

    /// Sets the service account of the pods, if its name matches.
    pub(super) fn own(&self, name: &str, account: &Object<core::ServiceAccount>) {
        if self.account == name {
            self.own_account.get_or_init(|| account.clone());
        }
    }

    pub(super) fn service(&self) -> Option<&Object<core::Service>> {
        self.service.get().map(|it| &it.object)
    }

    pub(super) fn service_name(&self) -> Option<&str> {
        self.service.get().map(|it| it.name.as_str())
    }

    pub(super) fn ports(&self) -> &[Port] {
        self.service.get().map_or(&[], |it| &it.ports)
    }

    /// Returns the pod port to which a service port forwards.
    pub(super) fn behind(&self, port: u16) -> u16 {
        let behind = self.service.get().and_then(|it| it.behind.iter().find(|(own, _)| *own == port));
        behind.map_or(port, |(_, port)| *port)
    }

    /// Records the pod labels of another version.
    pub(super) fn add_version(&self, scope: &Scope, template: Option<&Data>) {
        let labels = template.map(texts).unwrap_or_default();
        scope.keep(|versions: &mut Versions| versions.0.push(labels));
    }

    /// Returns the labels that all pods have, including the pods of other versions.
    pub(super) fn labels(&self, scope: &Scope) -> Vec<(String, String)> {
        let others = scope.keep(|versions: &mut Versions| versions.0.clone());
        let is_common = |label: &&(String, String)| others.iter().all(|other| other.contains(label));
        self.labels.iter().filter(is_common).cloned().collect()
    }
}

/// Returns the pairs of a map with text values.
fn texts(map: &Data) -> Vec<(String, String)> {
    let pairs = map.as_map().into_iter().flat_map(Bag::iter);
    pairs.filter_map(|(key, value)| Some((key.to_string(), value.as_str()?.to_owned()))).collect()
}

fn port_number(data: &Data) -> Option<u16> {
    match data {
        Data::Int(number) => u16::try_from(*number).ok(),
        _ => None,
    }
}

/// Returns the protocol of a port, from its `appProtocol` or its name by the rules of Istio. Unknown names are TCP.
///
/// Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/>
fn protocol(name: &str) -> Protocol {
    match name.split('-').next().unwrap_or_default() {
        "grpc" if name.starts_with("grpc-web") => Protocol::Http,
        "http" => Protocol::Http,
        "http2" | "kubernetes.io/h2c" => Protocol::Http2,
        "grpc" => Protocol::Grpc,
        _ => Protocol::Tcp,
    }
}
