//! Names for CloudFormation and Kubernetes, derived from construct paths.
//!
//! A name has a readable part and ends with 8 hex digits of the path's hash. It is unique and stable, and does not
//! depend on the machine.

/// Returns the 64-bit FNV-1a hash of a text, which is stable over versions and machines.
///
/// Source: <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>
pub fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Returns 8 hex digits of a text's hash.
pub fn hash8(text: &str) -> String {
    let hash = fnv1a(text);
    format!("{:08x}", (hash ^ (hash >> 32)) as u32)
}

/// Returns the logical ID of the resource at `path` within its stack, such as
/// `VpcPrivateA1B2C3D4E`.
///
/// The readable part omits the path parts `default` and `resource`. A construct's main resource is
/// therefore named after the construct.
pub fn logical_id(path: &str) -> String {
    let mut name = String::with_capacity(64);
    for part in path.split('/').filter(|part| !matches!(*part, "default" | "resource")) {
        name.push_str(&pascal(part));
    }
    name.truncate(name.floor_char_boundary(240));
    name.push_str(&hash8(path).to_uppercase());
    name
}

/// Converts a text to Pascal case: `orders-db` becomes `OrdersDb`. All characters except letters
/// and digits separate words.
pub fn pascal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut upper = true;
    for c in text.chars() {
        match c.is_ascii_alphanumeric() {
            true if upper => out.push(c.to_ascii_uppercase()),
            true => out.push(c),
            false => {}
        }
        upper = !c.is_ascii_alphanumeric();
    }
    out
}

/// The maximum number of characters in a construct id.
pub const MOST_OF_ID: usize = 120;

/// Returns a name of at most `max` characters. A longer name is cut and ends with its hash.
///
/// ```
/// # use meshsynth::name::fit;
/// assert_eq!(fit("orders", 63), "orders");
/// assert_eq!(fit(&"a".repeat(80), 20).len(), 20);
/// ```
pub fn fit(name: &str, max: usize) -> String {
    if name.len() <= max {
        return name.to_owned();
    }
    let hash = hash8(name);
    if max < 10 {
        return hash[..max.min(8)].to_owned();
    }
    let cut = name[..name.floor_char_boundary(max.saturating_sub(9))].trim_end_matches(['-', '.']);
    format!("{cut}-{hash}")
}

/// The region from which names are derived if a program specifies no valid region.
pub const ANY_REGION: &str = "us-east-1";

/// Whether a text has the form of a region name: words and a number, separated by `-`.
pub fn is_region(text: &str) -> bool {
    let is_word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    match text.split('-').collect::<Vec<&str>>().as_slice() {
        [words @ .., number] => {
            words.len() >= 2
                && words.iter().all(is_word)
                && !number.is_empty()
                && number.chars().all(|c| c.is_ascii_digit())
        }
        [] => false,
    }
}

/// Whether a text is an account ID with 12 digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Converts a text to a DNS label of at most `max` (up to 63) characters.
pub fn dns_label(text: &str, max: usize) -> String {
    let lower = text.to_ascii_lowercase();
    let plain: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    fit(plain.trim_matches('-'), max.min(63))
}
