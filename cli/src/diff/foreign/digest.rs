//! Digests: what tells that two contents differ, and not what they are.

use sha2::{Digest as _, Sha256};

/// The SHA-256 digest in hex.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
