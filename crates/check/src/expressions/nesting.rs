//! Checks the nesting depth of an expression. The parser recurses for each bracket and each chained operator, and a
//! stack overflow would abort the process.

/// The maximum depth of an expression. Policies need far less, and the stack allows more.
const MOST: usize = 200;

/// The depth that a bracket adds. A chained operator adds 1.
const BRACKET: usize = 5;

/// Whether an expression is nested too deeply to compile it.
pub fn is_too_deep(text: &str) -> bool {
    // The number of chained operators in each open bracket, innermost last.
    let mut chains = vec![0];
    let mut depth = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let chain = chains.last_mut().map_or(0, std::mem::take);
        match c {
            '\'' | '"' => {
                rest = after_text(rest, c);
                chains.last_mut().into_iter().for_each(|it| *it = chain);
                continue;
            }
            '(' | '[' | '{' => {
                chains.last_mut().into_iter().for_each(|it| *it = chain);
                chains.push(0);
                depth += BRACKET;
            }
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(chain);
                if chains.len() > 1 {
                    chains.pop();
                    depth = depth.saturating_sub(BRACKET);
                }
            }
            // A separate operand follows.
            '&' | '|' | ',' => depth = depth.saturating_sub(chain),
            '+' | '-' | '*' | '/' | '%' | '<' | '>' | '=' | '!' | '?' | ':' => {
                chains.last_mut().into_iter().for_each(|it| *it = chain + 1);
                depth += 1;
            }
            // Names, spaces and members do not add depth.
            _ => chains.last_mut().into_iter().for_each(|it| *it = chain),
        }
        if depth > MOST {
            return true;
        }
        rest = &rest[c.len_utf8()..];
    }
    false
}

/// Returns the rest after the string literal that begins here.
fn after_text(text: &str, quote: char) -> &str {
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    if let Some(rest) = text.strip_prefix(triple.as_str()) {
        return rest.split_once(triple.as_str()).map_or("", |(_, rest)| rest);
    }
    let mut is_escaped = false;
    for (idx, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return &text[idx + 1..],
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::is_too_deep;

    #[test]
    fn limits_nested_brackets_and_chained_operators() {
        let nested = |n: usize| format!("{}true{}", "(".repeat(n), ")".repeat(n));
        assert!(!is_too_deep(&nested(40)) && is_too_deep(&nested(41)));
        assert!(
            !is_too_deep(&format!("1{} > 0", " + 1".repeat(150)))
                && is_too_deep(&format!("1{} > 0", " + 1".repeat(500)))
        );
        assert!(is_too_deep(&format!("{}1{}", "1+1+1+(".repeat(30), ")".repeat(30))));
    }

    #[test]
    fn adjacent_operands_are_not_nested() {
        let side_by_side =
            vec!["(object.spec.a.b == 'x' || !has(object.b) || size(object.c) > 2 - 1)"; 500].join(" && ");
        assert!(!is_too_deep(&side_by_side));
        assert!(!is_too_deep(&format!("a in [{}]", vec!["f('((((', \"+++\\\"+\")"; 500].join(", "))));
        assert!(!is_too_deep(&format!("object{}", ".a".repeat(1_000))));
    }
}
