//! Existing CloudFormation templates, with the same checks as the templates of synthesis.
//!
//! 1. *structure*: checks that CloudFormation accepts the sections, resources and attributes.
//! 2. *parameters*: checks that parameters allow their defaults.
//! 3. *references*: checks that referenced entries and attributes exist.
//! 4. *cycles*: checks that resources can be created, and conditions be evaluated, in some order.
//! 5. *shapes*: checks properties against the facts of their type, for each possible combination of conditions.
//! 6. *rules*: runs the rules that need no program, over a model of the resources.

mod condition;
mod condition_cycle;
mod cycle;
mod document;
mod function;
mod model;
mod parameter;
mod reference;
mod resource_type;
mod shape;
mod structure;
mod variant;
mod wording;

use crate::World;
use crate::diag::Diagnostic;

pub use document::Template;

/// Checks existing CloudFormation templates, each separately.
///
/// Diagnostics are sorted, with errors first. Each has the location of a resource, parameter, condition or output.
/// `field` is the path below it, such as `Properties.CidrBlock`.
///
/// # Example
///
/// ```
/// use meshsynth::val::{Bag, Data};
/// use meshsynth::{At, Template, World, check_templates};
///
/// let vpc = Bag::default().with("Type", "AWS::EC2::VPC").with("Properties", Bag::default().with("CidrBlok", "10.0.0.0/16"));
/// let text = Data::from(Bag::default().with("Resources", Bag::default().with("Vpc", vpc)));
/// let template = Template::new("network", text, &|_| At::new("network.json", 1, 1)).expect("it is a template");
/// let found = check_templates(&[template], World::Open);
/// assert!(found.iter().any(|it| it.field.as_deref() == Some("Properties.CidrBlok")));
/// ```
pub fn check_templates(templates: &[Template], world: World) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = templates.iter().flat_map(|template| check(template, world)).collect();
    found.sort_by_cached_key(Diagnostic::sort_key);
    found
}

fn check(template: &Template, world: World) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    structure::check(template, &mut out);
    parameter::check(template, &mut out);
    // The output of a macro is unknown.
    if !template.transforms.has_macro {
        reference::check(template, &mut out);
        cycle::check(template, &mut out);
        condition_cycle::check(template, &mut out);
        shape::check(template, &mut out);
    }
    model::check(template, &mut out);
    wording::of_templates(&mut out, world);
    out
}
