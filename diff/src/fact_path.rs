//! Paths of properties as the facts of resource types write them.

/// A path as the facts write it: `Rules.*.Port` of `Rules[2].Port`.
pub fn plain(path: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for c in path.chars() {
        match c {
            '[' => {
                depth += 1;
                if depth == 1 {
                    out.push_str(".*");
                }
            }
            ']' => depth -= 1,
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
