//! A hasher for lookup maps. It is several times faster than the hasher of the standard library.
//!
//! It multiplies and rotates, like the hasher of rustc. It does not prevent intentional collisions. This is acceptable,
//! because keys are names from a program that its own author runs.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map for lookups.
pub type FastMap<K, V> = HashMap<K, V, BuildHasherDefault<FastHasher>>;

/// A set for lookups.
pub type FastSet<K> = HashSet<K, BuildHasherDefault<FastHasher>>;

/// The hasher of [`FastMap`] and [`FastSet`].
///
/// ```
/// use meshsynth_model::hash::FastMap;
///
/// let mut ports: FastMap<&str, u16> = FastMap::default();
/// ports.insert("https", 443);
/// assert_eq!(ports.get("https"), Some(&443));
/// ```
#[derive(Clone, Copy, Default)]
pub struct FastHasher(u64);

impl FastHasher {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for FastHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.add(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.add(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.add(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.add(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    /// The hash table selects an entry by the low bits, but multiplication mixes the high bits.
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
