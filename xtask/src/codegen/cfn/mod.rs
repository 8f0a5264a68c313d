//! CloudFormation: `schema/cloudformation` in, `src/cfn` out.

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

/// Generates the modules, the features and the table of facts.
pub fn generate(root: &Path, out: &mut Out) -> Result<()> {
    let mut facts = facts::read(root)?;
    fixups::apply(&mut facts)?;
    let mut services: BTreeMap<String, Vec<Model>> = BTreeMap::new();
    for facts in facts {
        let model = resolve::model(&facts).with_context(|| facts.name.clone())?;
        services.entry(facts.service).or_default().push(model);
    }
    let names: Vec<&str> = services.keys().map(String::as_str).collect();
    out.section("Cargo.toml", "generated features", services::features(&names));
    out.file("src/cfn/mod.rs", render::modules(&names));
    out.file("src/facts/sources.rs", render::sources(&names));
    for (service, models) in &services {
        out.file(format!("src/cfn/{service}/mod.rs"), render::service(models));
        for model in models {
            out.file(format!("src/cfn/{service}/{}.rs", model.module), render::resource(model));
        }
    }
    out.owns("src/cfn", super::out::MARK);
    Ok(())
}
