//! The rules. Each family has a folder, with one file for each rule that contains its manual, its check and its tests.
//!
//! The documentation of the file is the manual, from which `docs/diagnostics.md` and `meshsynth explain` are generated.
//! The shortest failing case of its tests is the example of the manual.
//! The `mod.rs` of a family lists its rules. Usually, the `check` function of a rule reports its diagnostics, in the
//! pass *check graph*. For the other rules, `mod.rs` lists the modules that report them: constructors or earlier
//! passes.

use std::sync::LazyLock;

use crate::diag::Diagnostic;
use crate::policy::{Platform, Report};
use crate::synth::Check;

/// Declares the rules of a family: `"CODE" name => model` checks the model, `=> mesh` the [`index`], and `=> platform`
/// the public model of custom rules. `in "module"` lists the other modules that report it.
macro_rules! rules {
    ($($code:literal $module:ident $(=> $check:ident)? $(in $($place:literal),+)?;)+) => {
        $(mod $module;)+

        /// The rules of this family, by code.
        pub(super) const RULES: &[Rule] = &[$(Rule {
            code: $code,
            name: stringify!($module),
            module: concat!(module_path!(), "::", stringify!($module)),
            check: rules!(@check $module $($check)?),
            elsewhere: &[$($($place),+)?],
            source: include_str!(concat!(stringify!($module), ".rs")),
        }),+];
    };
    (@check $module:ident model) => { Some(super::Run::Model($module::check)) };
    (@check $module:ident platform) => { Some(super::Run::Platform($module::check)) };
    (@check $module:ident mesh) => { Some(super::Run::Mesh($module::check)) };
    (@check $module:ident) => { None };
}

mod app;
pub mod coverage;
mod data;
mod edge;
mod eks;
mod example;
mod iam;
mod index;
mod istio;
mod kafka;
mod kubernetes;
mod literals;
mod multicluster;
mod network;
mod observability;
mod policy;
mod reach;
mod rollouts;
mod runner;
mod scaling;
mod secrets;
mod serverless;
#[cfg(test)]
pub(crate) mod testing;

use index::Mesh;
pub(crate) use runner::{Company, Rules};
#[doc(hidden)]
pub use secrets::{hide_in_object, hide_in_template, hide_in_values};

/// The input of a rule.
#[derive(Clone, Copy)]
enum Run {
    /// Checks the model and its links.
    Model(Check),
    /// Checks the public model of custom rules.
    Platform(fn(&Platform<'_>, &mut Report)),
    /// Checks the index of objects that routes, policies and scalers refer to.
    Mesh(fn(&Mesh<'_>, &mut Vec<Diagnostic>)),
}

/// A diagnostic that meshsynth can report.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its stable code.
    pub code: &'static str,
    /// Its name, which describes the mistake, in words with `_` between them.
    pub name: &'static str,
    module: &'static str,
    check: Option<Run>,
    elsewhere: &'static [&'static str],
    source: &'static str,
}

impl Rule {
    /// Returns the manual in Markdown: the conditions, the consequences, an example and the fix.
    pub fn manual(&self) -> String {
        let lines = self.source.lines().take_while(|line| line.starts_with("//!"));
        let text = lines.map(|line| format!("{}\n", line.trim_start_matches("//!").strip_prefix(' ').unwrap_or("")));
        let text: String = text.collect();
        let Some(example) = self.example() else { return text };
        let example = format!("# Example\n\nThis test reports `{}`:\n\n```rust\n{example}```\n\n", self.code);
        let at = ["\n# Fix\n", "\nSource: "].iter().find_map(|start| text.find(start));
        let (before, after) = text.split_at(at.map_or(text.len(), |at| at + 1));
        format!("{before}{example}{after}")
    }

    /// Returns the shortest failing case of its tests, if its file contains one.
    pub fn example(&self) -> Option<String> {
        example::of(self.source, self.code)
    }

    /// Returns the modules of the library that report it, such as `rules::kafka::uneven_broker_count` or `synth::link`.
    ///
    /// The pass *check graph* runs the modules below `rules`. Other modules are constructors or earlier passes.
    pub fn raised_in(&self) -> Vec<&'static str> {
        let own = self.module.split_once("::").map_or(self.module, |(_, module)| module);
        self.check.map(|_| own).into_iter().chain(self.elsewhere.iter().copied()).collect()
    }

    /// Whether its findings do not make the output invalid, so that exceptions and lower severities are allowed.
    pub fn is_judgement(&self) -> bool {
        self.is_judged_elsewhere() || self.check.is_some() && self.elsewhere.is_empty() && !INVALID.contains(&self.name)
    }

    /// Whether Istio reports its findings as warnings or errors. `check` then shows them even if they are notes.
    pub fn is_reported_by_istio(&self) -> bool {
        REPORTED_BY_ISTIO.contains(&self.name)
    }

    /// Whether the command checks it after the output is written.
    pub fn is_judged_elsewhere(&self) -> bool {
        JUDGED_ELSEWHERE.contains(&self.name)
    }
}

/// Rules whose findings `istioctl analyze` reports as warnings or errors. `tests/tools/istio_analyzers.py` lists the
/// messages.
const REPORTED_BY_ISTIO: [&str; 41] = [
    "container_with_proxy_user_id",
    "missing_subset",
    "missing_host",
    "missing_gateway",
    "missing_route_port",
    "gateway_without_workload",
    "missing_gateway_credential",
    "certificate_on_two_gateways",
    "port_without_protocol",
    "subset_without_pods",
    "conflicting_hosts",
    "unknown_principal",
    "policy_without_workload",
    "conflicting_selectors",
    "several_defaults",
    "conflicting_service_ports",
    "conflicting_injection_labels",
    "tls_without_ca",
    "unreachable_route",
    "overlapping_match",
    "service_entry_without_addresses",
    "invalid_injection_webhook",
    "subset_lost_at_gateway",
    "image_auto_without_injection",
    "claim_route_without_authentication",
    "external_name_port_without_protocol",
    "ignored_envoy_filter_operation",
    "envoy_filter_without_priority",
    "telemetry_without_provider",
    "selector_on_gateway_api",
    "sidecar_in_ambient",
    "outdated_gateway_api_definition",
    "conflicting_service_entries",
    "namespace_without_injection",
    "invalid_control_plane_address",
    "unknown_annotation",
    "misplaced_annotation",
    "invalid_annotation_value",
    "deprecated_annotation",
    "deprecated_field",
    "unrestricted_key_fetch",
];

/// Rules that check the whole platform and whose findings make the output invalid.
const INVALID: [&str; 2] = ["unknown_region", "invalid_account_id"];

/// Rules for valid output that the pass *check graph* does not run. The command evaluates policies and access rules.
const JUDGED_ELSEWHERE: [&str; 4] =
    ["denied_by_policy", "reach_not_known", "relation_does_not_arrive", "way_without_relation"];

/// The rules of each family.
const FAMILIES: [&[Rule]; 18] = [
    app::RULES,
    data::RULES,
    edge::RULES,
    eks::RULES,
    iam::RULES,
    istio::RULES,
    kafka::RULES,
    kubernetes::RULES,
    literals::RULES,
    multicluster::RULES,
    network::RULES,
    observability::RULES,
    policy::RULES,
    reach::RULES,
    rollouts::RULES,
    scaling::RULES,
    secrets::RULES,
    serverless::RULES,
];

/// Every rule, by code.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules: Vec<Rule> = FAMILIES.into_iter().flatten().copied().collect();
    rules.sort_unstable_by_key(|rule| rule.code);
    rules
});

/// Returns the rule with a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// Returns the catalogue of all diagnostics in Markdown.
pub fn catalogue() -> String {
    let mut out = String::from(
        "# Diagnostics\n\nAll diagnostics of meshsynth, sorted by their stable code. `meshsynth explain <code>` prints the same text.\n",
    );
    out += &coverage::table();
    for rule in RULES.iter() {
        let raised: Vec<String> = rule.raised_in().iter().map(|module| format!("`{module}`")).collect();
        let (name, raised) = (rule.name.replace('_', " "), raised.join(", "));
        let manual = rule.manual().replace("\n# ", "\n### ");
        out += &format!("\n## {}: {name}\n\n{manual}\nRaised in {raised}.\n", rule.code);
    }
    out
}
