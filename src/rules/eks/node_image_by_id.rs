//! An `EC2NodeClass` selects the image of nodes by its ID.
//!
//! # What it reports
//!
//! A term of `amiSelectorTerms` has an `id`. The finding is a warning.
//!
//! # Why it matters
//!
//! The image does not change when the cluster is updated to another Kubernetes version. Kubelets then fall behind the
//! control plane, and may be at most three versions older. The image does not get security patches either.
//!
//! # Fix
//!
//! Select the image by family and version: `al2023@v20261015` is the image for the Kubernetes version of the cluster.
//! Alternatively, select your own images by name or tags, and build them for each version.
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
            let message = format!("{} selects its image by the id `{}`, which does not change when Kubernetes is updated", called(object), image.to_text());
            out.push(
                model
                    .warning(id, "MS0215", message)
                    .field(format!("spec.amiSelectorTerms[{idx}].id"))
                    .help("select the image by family and version: `alias: al2023@v20261015` in `amiSelectorTerms`, or `NodeImage::Al2023`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::addons::NodeImage;
    use crate::rules::testing::programs::with_image;

    #[test]
    fn warns_about_an_image_selected_by_id() {
        assert_eq!(with_image(NodeImage::Id("ami-0123456789abcdef0".to_owned())), ["MS0215"]);
    }

    #[test]
    fn accepts_an_image_selected_by_family() {
        assert_eq!(with_image(NodeImage::Al2023("v20261015".to_owned())), [""; 0]);
    }
}
