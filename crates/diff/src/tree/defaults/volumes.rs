//! Default values of volume sources, in pods and in persistent volumes.

/// Path below a volume, and default value.
pub const DEFAULTS: [(&str, &str); 17] = [
    ("azureDisk.cachingMode", "ReadWrite"),
    ("azureDisk.fsType", "ext4"),
    ("azureDisk.kind", "Shared"),
    ("azureDisk.readOnly", "false"),
    ("configMap.defaultMode", "420"),
    ("downwardAPI.defaultMode", "420"),
    ("ephemeral.volumeClaimTemplate.spec.volumeMode", "Filesystem"),
    ("hostPath.type", ""),
    ("iscsi.iscsiInterface", "default"),
    ("projected.defaultMode", "420"),
    ("projected.sources.*.serviceAccountToken.expirationSeconds", "3600"),
    ("rbd.keyring", "/etc/ceph/keyring"),
    ("rbd.pool", "rbd"),
    ("rbd.user", "admin"),
    ("scaleIO.fsType", "xfs"),
    ("scaleIO.storageMode", "ThinProvisioned"),
    ("secret.defaultMode", "420"),
];
