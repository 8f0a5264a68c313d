//! Rules for Argo Rollouts.

use super::Rule;

rules! {
    "MS0908" missing_rollout_reference => mesh;
    "MS0909" nonzero_initial_canary_weight => mesh;
    "MS0955" canary_steps_not_increasing in "mesh::rollout::definition";
}
