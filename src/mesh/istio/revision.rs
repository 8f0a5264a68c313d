//! A second control plane, for a gradual migration of namespaces.

use crate::diag::Diagnostic;
use crate::mesh::{Chart, HelmRelease, HelmReleaseProps, Membership};
use crate::tree::{At, Construct};
use crate::val::Bag;

use super::{ISTIO_VERSION, Istio, IstioProps, REPOSITORY, SYSTEM, release_name, values};

/// Properties of a revision: [`Istio::add_revision`].
#[derive(Clone, Debug)]
pub struct RevisionProps {
    /// The version of its chart. Default: [`ISTIO_VERSION`].
    pub version: String,
    /// Additional values of its chart `istiod`, which override other values. Default: the values of the first revision.
    pub values: Bag,
}

impl Default for RevisionProps {
    fn default() -> Self {
        Self { version: ISTIO_VERSION.to_owned(), values: Bag::default() }
    }
}

/// The revisions of an installation.
#[derive(Default)]
struct Revisions(Vec<String>);

impl Istio {
    /// Adds another control plane of the same mesh. The returned membership selects it for a namespace.
    ///
    /// Both control planes use the same identities and the same configuration, so their workloads can call each other.
    /// Migrate one namespace at a time. Its pods use the new control plane after their next restart. Both control
    /// planes share the custom resource definitions and the CNI plugin. When the first revision is no longer in use,
    /// set [`IstioProps::revision`](super::IstioProps::revision) to the new name and remove this call. The new istiod
    /// release keeps its name, so it does not change.
    ///
    /// # Diagnostics
    ///
    /// - `MS0874`: the installation already has a revision of this name.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, mesh, testing};
    /// # let app = App::new("shop");
    /// # let cluster = testing::cluster(&app);
    /// use meshsynth::mesh::{Istio, IstioProps, Namespace, NamespaceProps};
    ///
    /// let istio = Istio::new(&cluster, "istio", &cluster, IstioProps { revision: "1-30-2".to_owned(), ..Default::default() });
    /// let next = istio.add_revision("1-30-3", Default::default());
    /// let shop = Namespace::new(&cluster, "shop", &cluster, NamespaceProps { mesh: Some(next), ..Default::default() });
    /// ```
    ///
    /// Source: <https://istio.io/latest/docs/setup/upgrade/canary/>
    #[track_caller]
    pub fn add_revision(&self, revision: &str, props: RevisionProps) -> Membership {
        let at = At::caller();
        let is_new = revision != self.revision()
            && self.scope().keep(|known: &mut Revisions| {
                let is_new = !known.0.iter().any(|it| it == revision);
                known.0.push(revision.to_owned());
                is_new
            });
        if !is_new {
            let message = format!("the mesh has two revisions named `{revision}`");
            let help = "give each revision the version in its name, such as `1-30-3`";
            self.scope().report(Diagnostic::error("MS0874", message).at(self.scope().user_line(at)).help(help));
            return self.membership();
        }
        let facts = values::Facts {
            mesh_id: self.mesh_id().to_owned(),
            cluster_name: self.cluster_name().to_owned(),
            network: self.network().to_owned(),
        };
        let same = IstioProps { revision: revision.to_owned(), ..self.inner.props.clone() };
        let (chart, values) = values::all(&same, &facts).swap_remove(values::ISTIOD);
        let more = same.values.iter().filter(|(name, _)| *name == chart).map(|(_, more)| more);
        let values = more.chain([&props.values]).fold(values, |values, more| values.merged(more));
        let release = HelmRelease::new(
            self.namespace(),
            &release_name(chart, revision),
            self.cluster(),
            Chart::new(REPOSITORY, chart, &props.version),
            HelmReleaseProps { namespace: SYSTEM.to_owned(), values },
        );
        release.depends_on(self.istiod()).diagram_within(self.namespace());
        Membership { revision: revision.to_owned(), istiod: release.scope().clone(), ..self.membership() }
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::{Istio, IstioProps, Namespace, NamespaceProps};
    use crate::testing::{Platform, cluster};

    #[test]
    fn selects_revision_for_each_namespace() {
        let platform = Platform::synth("shop", |app| {
            let cluster = cluster(app);
            let props = IstioProps { revision: "1-30-2".to_owned(), ..Default::default() };
            let istio = Istio::new(&cluster, "istio", &cluster, props);
            let next = istio.add_revision("1-30-3", Default::default());
            for (name, mesh) in [("old", istio.membership()), ("new", next)] {
                Namespace::new(&cluster, name, &cluster, NamespaceProps { mesh: Some(mesh), ..Default::default() });
            }
        });
        assert!(platform.manifest("namespace-old").contains("istio.io/rev: 1-30-2"));
        assert!(platform.manifest("namespace-new").contains("istio.io/rev: 1-30-3"));
        let values = |revision: &str| {
            let text = &platform.assembly.files[&format!("helm/platform-cluster/istiod-{revision}.values.yaml")];
            text.replace(revision, "REVISION")
        };
        assert_eq!(values("1-30-2"), values("1-30-3"));
    }
}
