//! Aspects that no answer takes into account.

/// Aspects that the engine does not model, and that can change an answer. `docs/reach.md` explains each.
pub const NOT_MODELLED: [&str; 7] = [
    "policies of the organization (SCPs, RCPs): they can deny what is allowed here, and never allow what is denied",
    "grants of keys, and policies of sessions, that somebody makes while the platform runs",
    "users, groups and roles of AWS that the platform does not define, unless a question names them",
    "what charts, operators and controllers make in a cluster beside the manifests",
    "logins that a store keeps by itself: users with passwords, tables that they may read",
    "what the code of a workload passes on: whoever reaches a service asks for what it may ask for, through it",
    "whoever can change the program, the pipeline or the cluster: they can change every answer",
];
