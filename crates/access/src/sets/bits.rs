//! A set of numbered cells.

/// A subset of the cells of an axis.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bits {
    len: usize,
    words: Vec<u64>,
}

impl Bits {
    pub fn none(len: usize) -> Self {
        Self { len, words: vec![0; len.div_ceil(64)] }
    }

    pub fn all(len: usize) -> Self {
        Self::none(len).complement()
    }

    pub fn of(len: usize, is_in: impl Fn(usize) -> bool) -> Self {
        let mut bits = Self::none(len);
        (0..len).filter(|at| is_in(*at)).for_each(|at| bits.insert(at));
        bits
    }

    pub fn insert(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }

    pub fn has(&self, at: usize) -> bool {
        self.words[at / 64] & (1 << (at % 64)) != 0
    }

    /// Returns the first cell of the set.
    pub fn first(&self) -> Option<usize> {
        self.iter().next()
    }

    pub fn without(mut self, at: usize) -> Self {
        self.words[at / 64] &= !(1 << (at % 64));
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.len).filter(|at| self.has(*at))
    }

    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub fn is_all(&self) -> bool {
        self.count() as usize == self.len
    }

    pub fn is_within(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(a, b)| a & !b == 0)
    }

    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(a, b)| a & b != 0)
    }

    pub fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    pub fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    pub fn minus(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    pub fn complement(&self) -> Self {
        let mut words: Vec<u64> = self.words.iter().map(|word| !word).collect();
        if let (Some(last), rest @ 1..) = (words.last_mut(), self.len % 64) {
            *last &= (1 << rest) - 1;
        }
        Self { len: self.len, words }
    }

    fn zip(&self, other: &Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self { len: self.len, words: self.words.iter().zip(&other.words).map(|(a, b)| with(*a, *b)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn complements_stay_within_length() {
        for len in [0, 1, 63, 64, 65, 130] {
            assert_eq!(Bits::all(len).count() as usize, len);
            assert!(Bits::all(len).is_all() && Bits::all(len).complement().is_empty());
        }
    }
}
