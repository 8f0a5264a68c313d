//! Maps that keep the order of their entries. Lookups in large maps use a hash table.

use std::hash::BuildHasher;
use std::sync::LazyLock;

/// The number of entries from which a map has a hash table. In smaller maps, a linear search is as fast.
const FEWEST_INDEXED: usize = 16;

/// An entry with a key that is unique in its map.
pub trait Keyed {
    /// Returns the key.
    fn key(&self) -> &str;
}

/// Entries in insertion order, each with a unique key.
#[derive(Clone, Debug)]
pub struct OrderedMap<T> {
    entries: Vec<T>,
    /// A hash table of positions. Positions are counted from 1, and 0 is a free slot. Only large maps have one.
    #[expect(
        clippy::box_collection,
        reason = "most maps have no table, and this field increases the size of every map"
    )]
    slots: Option<Box<Vec<u32>>>,
}

impl<T> Default for OrderedMap<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), slots: None }
    }
}

/// Two maps are equal if their entries are equal and in the same order.
impl<T: PartialEq> PartialEq for OrderedMap<T> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl<T: Keyed> OrderedMap<T> {
    /// Creates an empty map with space for `n_entries` entries.
    pub fn with_capacity(n_entries: usize) -> Self {
        Self { entries: Vec::with_capacity(n_entries), slots: None }
    }

    /// Returns the position of a key.
    pub fn position(&self, key: &str) -> Option<usize> {
        match &self.slots {
            None => self.entries.iter().position(|entry| entry.key() == key),
            Some(slots) => {
                let slot = self.slot(slots, key);
                (slots[slot] as usize).checked_sub(1)
            }
        }
    }

    /// Returns the entry of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.position(key).map(|position| &self.entries[position])
    }

    /// Returns the entry of a key for modification. The caller must not change the key.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.position(key).map(|position| &mut self.entries[position])
    }

    /// Adds an entry at the end. The map must not contain its key.
    pub fn push(&mut self, entry: T) {
        self.entries.push(entry);
        let n_slots = self.slots.as_ref().map_or(FEWEST_INDEXED, |slots| slots.len() / 2);
        if self.entries.len() > n_slots {
            self.index();
        } else if let Some(mut slots) = self.slots.take() {
            self.insert(&mut slots, self.entries.len() - 1);
            self.slots = Some(slots);
        }
    }

    /// Removes the entry of a key.
    pub fn remove(&mut self, key: &str) -> Option<T> {
        let position = self.position(key)?;
        let entry = self.entries.remove(position);
        self.index();
        Some(entry)
    }

    /// Removes all entries for which `is_kept` returns false.
    pub fn retain(&mut self, is_kept: impl FnMut(&T) -> bool) {
        let n_before = self.entries.len();
        self.entries.retain(is_kept);
        if self.entries.len() < n_before {
            self.index();
        }
    }

    /// Returns the entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.entries.iter()
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Releases unused memory.
    pub fn shrink_to_fit(&mut self) {
        self.entries.shrink_to_fit();
    }

    /// Returns the entries in order.
    pub fn entries(&self) -> &[T] {
        &self.entries
    }

    /// Returns the entries in order for modification. The caller must not change the keys.
    pub fn entries_mut(&mut self) -> &mut [T] {
        &mut self.entries
    }

    /// Converts the map to its entries in order.
    pub fn into_entries(self) -> Vec<T> {
        self.entries
    }

    /// Rebuilds the hash table of a large map, at most half full.
    fn index(&mut self) {
        self.slots = None;
        if self.entries.len() > FEWEST_INDEXED {
            let mut slots = Box::new(vec![0; (2 * self.entries.len()).next_power_of_two()]);
            for position in 0..self.entries.len() {
                self.insert(&mut slots, position);
            }
            self.slots = Some(slots);
        }
    }

    fn insert(&self, slots: &mut [u32], position: usize) {
        let slot = self.slot(slots, self.entries[position].key());
        slots[slot] = u32::try_from(position + 1).expect("memory ends before 4 billion entries");
    }

    /// Returns the slot of a key, or the free slot for it.
    fn slot(&self, slots: &[u32], key: &str) -> usize {
        let mask = slots.len() - 1;
        let mut slot = hash(key) & mask;
        while slots[slot] != 0 && self.entries[slots[slot] as usize - 1].key() != key {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

impl<'m, T: Keyed> IntoIterator for &'m OrderedMap<T> {
    type Item = &'m T;
    type IntoIter = std::slice::Iter<'m, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Collects entries with different keys.
impl<T: Keyed> FromIterator<T> for OrderedMap<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut map = Self::with_capacity(entries.size_hint().0);
        entries.for_each(|entry| map.push(entry));
        map
    }
}

/// Hashes a key with a random seed. With a known hash function, a file from another author could contain keys that
/// collide. The order of the entries does not depend on the hash.
#[expect(clippy::disallowed_types, reason = "the seed decides no order")]
fn hash(key: &str) -> usize {
    static SEED: LazyLock<std::hash::RandomState> = LazyLock::new(std::hash::RandomState::new);
    SEED.hash_one(key) as usize
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A key that counts its reads.
    struct Counted<'c> {
        key: String,
        n_read: &'c Cell<usize>,
    }

    impl Keyed for Counted<'_> {
        fn key(&self) -> &str {
            self.n_read.set(self.n_read.get() + 1);
            &self.key
        }
    }

    /// Returns the number of key reads while a map of `n_entries` is filled and each entry is looked up.
    fn n_read(n_entries: usize, key: impl Fn(usize) -> String) -> usize {
        let n_read = Cell::new(0);
        let mut map = OrderedMap::default();
        for number in 0..n_entries {
            assert!(map.get(&key(number)).is_none());
            map.push(Counted { key: key(number), n_read: &n_read });
        }
        for number in 0..n_entries {
            assert_eq!(map.position(&key(number)), Some(number));
        }
        n_read.get()
    }

    #[test]
    fn number_of_key_reads_grows_linearly() {
        let keys: [fn(usize) -> String; 6] = [
            |number| number.to_string(),
            |number| format!("key-{number:06}"),
            |number| format!("{number:06}.example.com/name"),
            |number| format!("{:08}", number * 256),
            |number| format!("{number:x}"),
            |number| "x".repeat(number % 50) + &number.to_string(),
        ];
        for key in keys {
            for n_entries in [1_000, 10_000, 100_000] {
                let n_read = n_read(n_entries, key);
                assert!(n_read < 12 * n_entries, "{n_read} keys read for {n_entries} entries such as {}", key(7));
            }
        }
    }

    #[test]
    fn finds_entries_after_removals() {
        let n_read = Cell::new(0);
        for n_entries in [3, 16, 17, 100] {
            let mut map = OrderedMap::with_capacity(n_entries);
            (0..n_entries).for_each(|number| map.push(Counted { key: number.to_string(), n_read: &n_read }));
            assert_eq!(map.remove("1").map(|it| it.key).as_deref(), Some("1"));
            assert!(map.remove("1").is_none());
            map.retain(|it| it.key != "0");
            assert_eq!(map.position("2"), Some(0));
            assert_eq!(map.position(&(n_entries - 1).to_string()), Some(n_entries - 3));
            assert_eq!(map.entries().len(), n_entries - 2);
        }
    }
}
