//! Aspects that no answer takes into account.

/// Aspects that the engine does not model, and that can change an answer. `docs/reach.md` explains each.
pub const NOT_MODELLED: [&str; 7] = [
    "organization policies (SCPs, RCPs), which can deny an allowed request but never allow a denied one",
    "KMS grants and session policies that are created at run time",
    "IAM users, groups and roles that the platform does not define, unless a query names them",
    "objects that charts, operators and controllers create in a cluster in addition to the manifests",
    "logins and permissions inside a data store: users with passwords, and tables that they can read",
    "requests that the code of a workload forwards: a client of a service may use the permissions of the service",
    "users who can change the program, the pipeline or the cluster, and therefore every result",
];
