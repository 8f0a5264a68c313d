//! Digests: they show that two contents differ, without revealing them.

use sha2::{Digest as _, Sha256};

/// Returns the SHA-256 digest in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
