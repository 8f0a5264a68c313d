//! Rules about required and forbidden access.

use super::Rule;

rules! {
    "MS1220" reached_and_must_not_be in "reach";
    "MS1221" reached_by_others in "reach";
    "MS1222" not_reached_and_must_be in "reach";
    "MS1223" reach_not_known in "reach";
    "MS1224" unknown_end_of_reach in "reach";
    "MS1225" relation_does_not_arrive in "reach";
    "MS1226" way_without_relation in "reach";
}
