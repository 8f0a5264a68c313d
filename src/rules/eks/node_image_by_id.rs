//! The image of nodes is named by its id.
//!
//! It stays when the cluster moves to another version of Kubernetes: kubelets fall behind the control plane, and may do so by
//! three versions at most. Nobody patches it, either.
//!
//! Name it by its family and a version: `al2023@v20261015`, which is the image for the Kubernetes version of the cluster. Or
//! select images of your own by name or tags, and build them for each version.
//!
//! Source: <https://karpenter.sh/docs/tasks/managing-amis/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("EC2NodeClass") {
        let terms = object.body.at("spec.amiSelectorTerms").map(Data::items).unwrap_or_default();
        let named = terms.iter().enumerate().find_map(|(idx, term)| Some((idx, term.at("id")?)));
        if let Some((idx, image)) = named {
            let message = format!("{} names its image by the id `{}`, which stays when Kubernetes changes", called(object), image.to_text());
            out.push(
                model
                    .warning(id, "MS0215", message)
                    .field(format!("spec.amiSelectorTerms[{idx}].id"))
                    .help("name it by family and version: `alias: al2023@v20261015` in `amiSelectorTerms`, or `NodeImage::Al2023`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::addons::NodeImage;
    use crate::rules::testing::programs::with_image;

    #[test]
    fn an_image_by_its_id_is_a_warning() {
        assert_eq!(with_image(NodeImage::Id("ami-0123456789abcdef0".to_owned())), ["MS0215"]);
    }

    #[test]
    fn an_image_by_its_family_is_fine() {
        assert_eq!(with_image(NodeImage::Al2023("v20261015".to_owned())), [""; 0]);
    }
}
