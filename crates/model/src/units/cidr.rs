//! IPv4 CIDR blocks.

use std::fmt;

use crate::diag::Diagnostic;
use crate::tree::{At, Construct};
use crate::val::{Data, Value};

/// An IPv4 CIDR block, such as `10.0.0.0/16`.
///
/// The compiler checks constants:
///
/// ```
/// use meshsynth::Cidr;
/// const NETWORK: Cidr = Cidr::new("10.20.0.0/16");
/// assert_eq!(NETWORK.size(), 65_536);
/// ```
///
/// ```compile_fail
/// use meshsynth::Cidr;
/// const NETWORK: Cidr = Cidr::new("10.20.0.1/16");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    base: u32,
    prefix: u8,
}

impl Cidr {
    /// Creates a block from valid text, for constants that the compiler checks.
    ///
    /// # Panics
    ///
    /// Panics with a message if the text is not a CIDR block. In a `const`, invalid text is a compile error. For text
    /// that is known only at run time, use [`Cidr::diagnosed`] or [`Cidr::parse`].
    #[track_caller]
    pub const fn new(text: &str) -> Self {
        match Self::parse(text) {
            Ok(cidr) => cidr,
            Err(error) => panic!("{}", error),
        }
    }

    /// Parses a block that is known only at run time, such as from a file. An invalid block is reported (`MS0119`) at
    /// the calling line, and the program continues with `10.0.0.0/16`.
    ///
    /// ```
    /// use meshsynth::{Cidr, testing};
    ///
    /// let found = testing::diagnostics("shop", |app| {
    ///     let network = testing::stack(app, "network");
    ///     let cidr = Cidr::diagnosed("10.20.0.1/16", &network);
    ///     meshsynth::aws::Vpc::new(&network, "vpc", meshsynth::aws::VpcProps { cidr, ..Default::default() });
    /// });
    /// assert_eq!(found[0].code, "MS0119");
    /// ```
    #[track_caller]
    pub fn diagnosed(text: &str, scope: &impl Construct) -> Self {
        let at = At::caller();
        Self::parse(text).unwrap_or_else(|why| {
            let scope = scope.scope();
            scope.report(
                Diagnostic::error("MS0119", format!("`{text}` is not a CIDR block")).at(scope.user_line(at)).help(why),
            );
            Self { base: 10 << 24, prefix: 16 }
        })
    }

    /// Parses a block.
    ///
    /// # Errors
    ///
    /// Returns a sentence that describes the problem.
    pub const fn parse(text: &str) -> Result<Self, &'static str> {
        let bytes = text.as_bytes();
        let (mut base, mut idx, mut n_octets) = (0u32, 0, 0);
        while n_octets < 4 {
            let (octet, next) = number(bytes, idx);
            if next == idx || octet > 255 {
                return Err("use four numbers from 0 to 255, such as `10.0.0.0/16`");
            }
            base = base << 8 | octet;
            n_octets += 1;
            let separator = if n_octets == 4 { b'/' } else { b'.' };
            if next >= bytes.len() || bytes[next] != separator {
                return Err("use four numbers and a prefix, such as `10.0.0.0/16`");
            }
            idx = next + 1;
        }
        let (prefix, end) = number(bytes, idx);
        if end == idx || end != bytes.len() || prefix > 32 {
            return Err("use a prefix from 0 to 32");
        }
        let cidr = Self { base, prefix: prefix as u8 };
        if base & !cidr.mask() != 0 {
            return Err("use the network address of the block: all bits after the prefix must be 0");
        }
        Ok(cidr)
    }

    /// Returns the number of addresses.
    pub const fn size(self) -> u64 {
        1 << (32 - self.prefix)
    }

    /// Returns the length of the prefix, in bits.
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether both blocks share an address.
    pub const fn overlaps(self, other: Cidr) -> bool {
        let mask = if self.prefix < other.prefix { self.mask() } else { other.mask() };
        self.base & mask == other.base & mask
    }

    /// Whether this block contains all of `other`.
    pub const fn contains(self, other: Cidr) -> bool {
        self.prefix <= other.prefix && other.base & self.mask() == self.base
    }

    /// Returns the block with the prefix length `prefix` that begins `offset` addresses after the start of this block.
    /// Returns `None` if it is not within this block.
    pub fn carve(self, offset: u64, prefix: u8) -> Option<Cidr> {
        let base = u64::from(self.base).checked_add(offset)?;
        let cidr = Self { base: u32::try_from(base).ok()?, prefix };
        (prefix <= 32 && cidr.base & !cidr.mask() == 0 && self.contains(cidr)).then_some(cidr)
    }

    /// Returns the first address, such as `10.0.0.0`.
    pub const fn first(self) -> std::net::Ipv4Addr {
        std::net::Ipv4Addr::from_bits(self.base)
    }

    /// Returns the first block of this block's size that begins after the end of `other`.
    pub fn after(self, other: Cidr) -> Option<Cidr> {
        let end = u64::from(other.base) + other.size();
        let base = end.next_multiple_of(self.size());
        Some(Self { base: u32::try_from(base).ok()?, prefix: self.prefix })
    }

    const fn mask(self) -> u32 {
        match self.prefix {
            0 => 0,
            prefix => u32::MAX << (32 - prefix),
        }
    }
}

/// Returns the decimal number at `idx` and the index of its end.
const fn number(bytes: &[u8], mut idx: usize) -> (u32, usize) {
    let (mut value, start) = (0u32, idx);
    while idx < bytes.len() && bytes[idx].is_ascii_digit() && idx - start < 3 {
        value = value * 10 + (bytes[idx] - b'0') as u32;
        idx += 1;
    }
    (value, idx)
}

impl std::str::FromStr for Cidr {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.base.to_be_bytes();
        write!(out, "{a}.{b}.{c}.{d}/{}", self.prefix)
    }
}

impl fmt::Debug for Cidr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

impl Value for Cidr {
    fn into_data(self) -> Data {
        Data::from(self.to_string())
    }
}
