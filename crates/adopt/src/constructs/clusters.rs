//! Additional arguments of the constructor `bare` for EKS clusters.

use meshsynth_model::val::Data;

use super::network::{known_text, reference, target};
use super::resource::{ResourceInput, construct};
use crate::code::{Writer, function};
use crate::tree::Expr;

/// Adds the name and the version if parameters define them, and the network of the first subnet.
pub(super) fn with_context(bare: Expr, input: &ResourceInput<'_>, writer: &Writer<'_>) -> Expr {
    let decided = |key: &str| {
        let value = input.props.get(key).filter(|it| function(it).is_some())?;
        known_text(input.template, value).filter(|text| !text.is_empty())
    };
    let settings = [("with_name", decided("Name")), ("with_version", decided("Version"))];
    let settings = settings.into_iter().filter_map(|(method, text)| Some((method, text?)));
    let bare = settings.fold(bare, |cluster, (method, text)| cluster.method(method, [Expr::text(text)]));
    match network(input, writer) {
        Some(vpc) => {
            let with = bare.clone().method("with_network", [Expr::variable(vpc).borrowed()]);
            Expr::either(vpc, with, bare)
        }
        None => bare,
    }
}

fn network<'a>(input: &ResourceInput<'_>, writer: &'a Writer<'_>) -> Option<&'a str> {
    let subnet = input.props.get("ResourcesVpcConfig")?.at("SubnetIds").map(Data::items)?.first().and_then(target)?;
    let props = input.template.at("Resources")?.as_map()?.get(subnet)?.at("Properties")?.as_map()?;
    construct(writer, reference(props, "VpcId")?, "aws::Vpc")
}
