//! CloudFormation: generates `crates/cfn/src` and `crates/services/src` from `crates/facts/schema/cloudformation`.

mod facts;
mod fixups;
mod model;
mod render;
mod resolve;
mod services;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use super::Out;
use model::Model;

/// Generates the modules of both crates, the features and the table of facts.
pub fn generate(root: &Path, out: &mut Out) -> Result<()> {
    let mut facts = facts::read(root)?;
    fixups::apply(&mut facts)?;
    let mut services: BTreeMap<String, Vec<Model>> = BTreeMap::new();
    for facts in facts {
        let model = resolve::model(&facts).with_context(|| facts.name.clone())?;
        services.entry(facts.service).or_default().push(model);
    }
    let names: Vec<&str> = services.keys().map(String::as_str).collect();
    let (ours, others): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| services::is_used(name));
    out.section("crates/services/Cargo.toml", "generated features", services::features(&others));
    out.file("crates/cfn/src/lib.rs", render::modules(&ours));
    out.file("crates/services/src/lib.rs", render::services(&others));
    // SAM converts its types to other resources, so the facts of registry types do not apply to them.
    let registry: Vec<&str> = names.iter().copied().filter(|name| *name != facts::SERVERLESS).collect();
    out.file("crates/facts/src/sources.rs", render::sources(&registry));
    for (service, models) in &services {
        let folder = if services::is_used(service) { "crates/cfn/src" } else { "crates/services/src" };
        out.file(format!("{folder}/{service}/mod.rs"), render::service(models));
        for model in models {
            out.file(format!("{folder}/{service}/{}.rs", model.module), render::resource(model));
        }
    }
    out.owns("crates/cfn/src", super::out::MARK);
    out.owns("crates/services/src", super::out::MARK);
    Ok(())
}
