//! Additional arguments of the constructor `bare` for EKS clusters.

use meshsynth_model::val::Data;

use super::network::{known_text, reference, target};
use super::wanted::{Wanted, construct};
use crate::code::{Writer, function};
use crate::tree::Expr;

/// Adds the name and the version if parameters define them, and the network of the first subnet.
pub(super) fn told(bare: Expr, wanted: &Wanted<'_>, writer: &Writer<'_>) -> Expr {
    let decided = |key: &str| {
        let value = wanted.props.get(key).filter(|it| function(it).is_some())?;
        known_text(wanted.template, value).filter(|text| !text.is_empty())
    };
    let told = [("with_name", decided("Name")), ("with_version", decided("Version"))];
    let told = told.into_iter().filter_map(|(method, text)| Some((method, text?)));
    let bare = told.fold(bare, |cluster, (method, text)| cluster.method(method, [Expr::text(text)]));
    match network(wanted, writer) {
        Some(vpc) => {
            let with = bare.clone().method("with_network", [Expr::variable(vpc).borrowed()]);
            Expr::either(vpc, with, bare)
        }
        None => bare,
    }
}

fn network<'a>(wanted: &Wanted<'_>, writer: &'a Writer<'_>) -> Option<&'a str> {
    let subnet = wanted.props.get("ResourcesVpcConfig")?.at("SubnetIds").map(Data::items)?.first().and_then(target)?;
    let props = wanted.template.at("Resources")?.as_map()?.get(subnet)?.at("Properties")?.as_map()?;
    construct(writer, reference(props, "VpcId")?, "aws::Vpc")
}
