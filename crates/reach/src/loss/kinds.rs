//! Resource types of data stores, supporting resources and compute services.

use meshsynth_facts as facts;
use meshsynth_facts::resources::Holds;

/// Whether a type is a compute service outside of clusters.
pub fn is_compute(type_name: &str) -> bool {
    let facts = facts::resource(type_name);
    // A state machine runs no code itself, but requests depend on it.
    (facts.is_compute && facts.is_serving) || type_name == "AWS::StepFunctions::StateMachine"
}

/// Whether a type is a data store.
pub fn is_store(type_name: &str) -> bool {
    // A volume outside of a cluster has no replacement in another zone.
    facts::resource(type_name).is_store() || type_name == "AWS::EC2::Volume"
}

/// Whether a type is a supporting resource.
pub fn is_means(type_name: &str) -> bool {
    facts::resource(type_name).holds.is_some_and(Holds::is_support)
}
