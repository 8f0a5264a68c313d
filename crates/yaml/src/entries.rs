//! The entries of a map during reading.

use meshsynth_model::ordered::OrderedMap;

use super::marked::Entry;

/// The entries that were read. An entry with an existing key replaces the earlier one, and moves to the end.
#[derive(Default)]
pub(super) struct Entries {
    map: OrderedMap<Entry>,
    /// The sequence number of each entry, in the order of the map.
    added: Vec<u32>,
    n_added: u32,
}

impl Entries {
    /// Whether the map has a key that was not merged with `<<`.
    pub fn has_own(&self, key: &str) -> bool {
        self.map.get(key).is_some_and(|entry| !entry.is_merged)
    }

    /// Adds an entry.
    pub fn put(&mut self, entry: Entry) {
        self.n_added += 1;
        match self.map.position(&entry.key) {
            Some(position) => {
                self.map.entries_mut()[position] = entry;
                self.added[position] = self.n_added;
            }
            None => {
                self.map.push(entry);
                self.added.push(self.n_added);
            }
        }
    }

    /// Returns the map, with its entries in the order of addition.
    pub fn finish(self) -> OrderedMap<Entry> {
        let Self { mut map, added, .. } = self;
        if !added.is_sorted() {
            let mut entries: Vec<(u32, Entry)> = added.into_iter().zip(map.into_entries()).collect();
            entries.sort_by_key(|(added, _)| *added);
            map = OrderedMap::with_capacity(entries.len());
            entries.into_iter().for_each(|(_, entry)| map.push(entry));
        }
        map.shrink_to_fit();
        map
    }
}
