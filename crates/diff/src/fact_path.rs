//! Property paths in the notation of the resource type facts.

/// Returns a path in the notation of the facts: `Rules.*.Port` for `Rules[2].Port`.
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
