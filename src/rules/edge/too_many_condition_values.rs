//! A load balancer rule has more than five values in its conditions.
//!
//! # What it reports
//!
//! A listener rule has more than five values in all its conditions together: hosts, paths, headers, methods, addresses
//! and query strings.
//!
//! # Why it matters
//!
//! Elastic Load Balancing rejects the sixth value, and the stack rolls back.
//!
//! # Fix
//!
//! Split the values over several rules: call `add_route` more than once for one target group. Behind CloudFront, the
//! secret header uses one value, and two values during its rotation.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::{Bag, Data};

const MOST: usize = 5;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, rule) in model.of_type("AWS::ElasticLoadBalancingV2::ListenerRule") {
        let conditions = rule.props.get("Conditions").map_or(&[][..], Data::items);
        let n_values: usize = conditions.iter().filter_map(Data::as_map).map(values).sum();
        if n_values > MOST {
            let message = format!("the conditions of a route have {n_values} values; the maximum is {MOST}");
            out.push(model.error(id, "MS0606", message).help("divide the hosts and paths among several routes"));
        }
    }
}

/// Returns the number of values of a condition, directly in it or in the part of its type.
fn values(condition: &Bag) -> usize {
    let parts = condition.iter().filter_map(|(_, part)| part.as_map());
    let lists = parts.filter_map(|part| part.get("Values")).chain(condition.get("Values"));
    lists.map(|list| list.items().len()).sum()
}

#[cfg(test)]
mod tests {
    use crate::cfn::elasticloadbalancingv2::ListenerRule;
    use crate::cfn::elasticloadbalancingv2::listener_rule::{
        Action, HostHeaderConfig, PathPatternConfig, RuleCondition, Type,
    };
    use crate::testing::{codes, stack};

    fn route(n_paths: usize) -> Vec<&'static str> {
        codes(|app| {
            let paths: Vec<_> = (0..n_paths).map(|idx| format!("/api/{idx}")).collect();
            let paths = PathPatternConfig::new().values(paths);
            let host = HostHeaderConfig::new().values(["shop.example.com"]);
            let conditions = [
                RuleCondition::new().field("host-header").host_header_config(host),
                RuleCondition::new().field("path-pattern").path_pattern_config(paths),
            ];
            let action = Action::new(Type::Forward).target_group_arn("arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/0");
            ListenerRule::new([action], conditions, 10).define(&stack(app, "edge"), "route");
        })
    }

    #[test]
    fn reports_a_sixth_value() {
        assert_eq!(route(5), ["MS0606"]);
    }

    #[test]
    fn accepts_five_values() {
        assert_eq!(route(4), [""; 0]);
    }
}
