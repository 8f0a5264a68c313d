//! The rules: one file each, with its manual text, its check and both of its cases.
//!
//! The manual text is the file's own documentation; `docs/diagnostics.md` and
//! `meshsynth explain` are made of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::diag::Diagnostic;
use crate::synth::{Check, Link, Model, side_by_side};

#[cfg(test)]
mod beds;
pub mod coverage;
mod mesh_index;
mod pods;
mod policies;
mod routes;
mod secret_text;
mod sources;
#[cfg(test)]
mod testbed;

use mesh_index::Mesh;
use sources::{region, source_of};

/// How a rule is run.
#[derive(Clone, Copy)]
enum Run {
    /// Over the model and its links.
    Model(Check),
    /// Over the index of what routes, policies and scalers refer to.
    Mesh(fn(&Mesh<'_>, &mut Vec<Diagnostic>)),
}

/// A diagnostic that meshsynth can give.
pub struct Rule {
    /// Its stable code.
    pub code: &'static str,
    /// Its name, as a short noun.
    pub name: &'static str,
    /// What checks it; none where a constructor or a pass reports it.
    check: Option<Run>,
    source: &'static str,
}

impl Rule {
    /// The manual text in markdown: what it means, why it matters, how to fix it.
    pub fn manual(&self) -> String {
        let lines = self.source.lines().take_while(|line| line.starts_with("//!"));
        lines.map(|line| format!("{}\n", line.trim_start_matches("//!").strip_prefix(' ').unwrap_or(""))).collect()
    }
}

macro_rules! rules {
    ($($code:literal $module:ident $(=> $check:ident)?;)+) => {
        $(mod $module;)+

        /// Every rule, by code.
        pub const RULES: &[Rule] = &[$(Rule {
            code: $code,
            name: stringify!($module),
            check: rules!(@check $module $($check)?),
            source: include_str!(concat!(stringify!($module), ".rs")),
        }),+];
    };
    (@check $module:ident check) => { Some(Run::Model($module::check)) };
    (@check $module:ident mesh) => { Some(Run::Mesh($module::check)) };
    (@check $module:ident) => { None };
}

rules! {
    "MS0101" duplicate_id;
    "MS0102" bad_id;
    "MS0103" misplaced;
    "MS0104" stack_circle;
    "MS0105" resource_shape;
    "MS0106" object_shape;
    "MS0107" overlapping_cidr => check;
    "MS0108" set_twice;
    "MS0109" quota_near;
    "MS0110" quota_exceeded;
    "MS0111" empty_stack;
    "MS0112" plain_secret => check;
    "MS0113" unknown_attribute;
    "MS0115" unknown_region => check;
    "MS0116" unreadable_manifest;
    "MS0117" account_number => check;
    "MS0118" list_as_text;
    "MS0119" cidr_block;
    "MS0201" unsupported_version => check;
    "MS0202" extended_support => check;
    "MS0203" node_group_size => check;
    "MS0204" mixed_architectures => check;
    "MS0205" too_few_zones => check;
    "MS0206" unknown_instance_type => check;
    "MS0207" network_size;
    "MS0208" node_group_in_auto_mode;
    "MS0209" removed_api => check;
    "MS0210" obsolete_install => mesh;
    "MS0301" broker_count => check;
    "MS0302" kafka_version => check;
    "MS0303" broker_type => check;
    "MS0304" postgres_version => check;
    "MS0305" postgres_extended_support => check;
    "MS0306" database_storage => check;
    "MS0307" maintenance_windows => check;
    "MS0308" cache_availability => check;
    "MS0309" cache_version => check;
    "MS0310" unkept_data => check;
    "MS0311" parameter_name => check;
    "MS0312" replica_key => check;
    "MS0313" managed_password => check;
    "MS0314" global_cache => check;
    "MS0315" replicator_ends => check;
    "MS0401" replicas_beside_scaler => check;
    "MS0402" two_scalers => check;
    "MS0403" min_above_max => check;
    "MS0404" scaler_without_requests => check;
    "MS0405" selects_nothing => mesh;
    "MS0406" missing_object => mesh;
    "MS0407" missing_namespace => check;
    "MS0408" duplicate_object => check;
    "MS0409" proxy_uid => check;
    "MS0410" budget_that_blocks => check;
    "MS0411" port_without_container => mesh;
    "MS0412" image_without_version => check;
    "MS0413" kubernetes_name => check;
    "MS0414" variable_twice => check;
    "MS0415" misplaced_annotation => check;
    "MS0416" load_balancer_scheme => check;
    "MS0417" duplicate_route => check;
    "MS0418" image_name => check;
    "MS0501" loose_trust => check;
    "MS0502" foreign_role => check;
    "MS0503" wildcard_permission => check;
    "MS0601" edge_region => check;
    "MS0602" clashing_records => check;
    "MS0603" record_outside_zone => check;
    "MS0604" missing_route => check;
    "MS0605" cloudfront_prefix_list;
    "MS0606" crowded_route => check;
    "MS0607" far_secret => check;
    "MS0608" preserved_client => check;
    "MS0609" early_route => check;
    "MS0610" far_group => check;
    "MS0701" alarm_without_action => check;
    "MS0702" missing_log_group => check;
    "MS0703" deaf_topic => check;
    "MS0704" empty_backup => check;
    "MS0705" cold_backup => check;
    "MS0706" lost_access_logs => check;
    "MS0801" missing_subset => mesh;
    "MS0802" missing_host => mesh;
    "MS0803" missing_gateway => mesh;
    "MS0804" route_port => mesh;
    "MS0805" gateway_workload => mesh;
    "MS0806" gateway_credential => mesh;
    "MS0807" shared_certificate => mesh;
    "MS0808" port_protocol => mesh;
    "MS0809" empty_subset => mesh;
    "MS0810" clashing_hosts => mesh;
    "MS0811" route_weights => mesh;
    "MS0812" locality => mesh;
    "MS0813" http_rule_on_tcp => mesh;
    "MS0814" double_tls => mesh;
    "MS0815" tag_without_value => mesh;
    "MS0816" strict_mtls => mesh;
    "MS0817" cut_call => mesh;
    "MS0818" unknown_principal => mesh;
    "MS0819" gateway_health_check => mesh;
    "MS0820" sidecar_refused => mesh;
    "MS0821" ambient_security_groups => mesh;
    "MS0822" unreached_endpoint => mesh;
    "MS0901" keda_in_mesh => mesh;
    "MS0902" autoscaler_name => mesh;
    "MS0903" never_from_zero => mesh;
    "MS0904" topic_partitions => mesh;
    "MS0905" kafka_trigger => mesh;
    "MS0906" trigger_authentication => mesh;
    "MS0907" scales_nothing => mesh;
    "MS0908" rollout_parts => mesh;
    "MS0909" moved_weights => mesh;
    "MS0910" crd_owner => mesh;
    "MS0911" setting_without_effect => mesh;
    "MS0950" scaler_metadata => check;
    "MS0951" trigger_identity;
    "MS0952" trigger_login;
    "MS0953" job_trigger;
    "MS0954" idle_consumers => check;
    "MS0955" canary_steps;
    "MS0956" slo_objective;
    "MS0957" slo_bucket;
    "MS0958" slo_without_mesh;
    "MS0959" missing_controller => check;
    "MS0960" late_trigger;
    "MS1001" discordant_clusters;
    "MS1002" unanswered_network => check;
    "MS1003" public_api_in_mesh;
    "MS1004" discordant_service;
    "MS1005" remote_cluster;
    "MS1006" unread_mesh_object => check;
    "MS1030" wish_about_requests;
    "MS1031" outside_the_mesh;
    "MS1032" condition_twice;
    "MS1033" route_to_another_workload;
    "MS1034" share_above_hundred;
    "MS1035" version_called_v1;
    "MS1036" caller_in_ambient;
    "MS1037" tls_ends_once;
    "MS1038" exposed_path;
    "MS1039" tags_without_spans;
    "MS1040" wordless_route;
    "MS1060" mesh_identity => mesh;
    "MS1061" remote_secret => mesh;
    "MS1062" uneven_service => mesh;
}

/// Runs every rule over the linked model; what several of them look up is indexed once.
pub(crate) fn run(model: &Model, link: &Link, out: &mut Vec<Diagnostic>) {
    let mesh = Mesh::of(model);
    let checks: Vec<Run> = RULES.iter().filter_map(|rule| rule.check).collect();
    let next = AtomicUsize::new(0);
    // Two threads take the rules one by one, whoever is free: some look at every property, most at few objects.
    let some = || {
        let mut found = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let mut told = Vec::new();
            match checks.get(at) {
                Some(Run::Model(check)) => check(model, link, &mut told),
                Some(Run::Mesh(check)) => check(&mesh, &mut told),
                None => return found,
            }
            found.push((at, told));
        }
    };
    let (mut found, more) = side_by_side(some, some);
    found.extend(more);
    found.sort_unstable_by_key(|(at, _)| *at);
    out.extend(found.into_iter().flat_map(|(_, told)| told));
}

/// The rule of a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// The catalogue of all diagnostics, as markdown.
pub fn catalogue() -> String {
    let mut out = String::from(
        "# Diagnostics\n\nEvery mistake that meshsynth names, by its stable code. \
         `meshsynth explain <code>` prints the same text.\n",
    );
    out += &coverage::table();
    for rule in RULES {
        out += &format!("\n## {}: {}\n\n{}", rule.code, rule.name.replace('_', " "), rule.manual());
    }
    out
}
