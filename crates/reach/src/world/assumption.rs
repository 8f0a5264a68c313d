//! Assumed values of parameters and conditions that the files do not determine.

use std::collections::BTreeMap;

use meshsynth_template::Assumed;

/// The assumptions of one combination, by stack and name. A pseudo parameter such as `AWS::Region` has no stack.
pub(super) type Assumptions = BTreeMap<(Option<usize>, String), Assumed>;
