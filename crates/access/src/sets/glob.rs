//! Text patterns.

use std::cmp::Ordering;
use std::fmt;

/// A step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// One character except a slash.
    InSegment,
    /// Any number of characters except slashes.
    RestOfSegment,
}

/// A pattern or a literal text. Two patterns are equal if they match the same texts, even if they are written
/// differently.
#[derive(Clone, Debug)]
pub struct Glob {
    text: String,
    pub(super) tokens: Vec<Token>,
    pub(super) ignores_case: bool,
}

impl Glob {
    /// Creates a literal text, in which `*` and `?` are ordinary characters.
    pub fn literal(text: &str) -> Self {
        Self::new(text, text.chars().map(Token::Char))
    }

    /// Creates a pattern in which `*` matches any text and `?` any character.
    pub fn wildcard(text: &str) -> Self {
        let token = |c| match c {
            '*' => Token::Many,
            '?' => Token::One,
            c => Token::Char(c),
        };
        Self::new(text, text.chars().map(token))
    }

    /// Creates a pattern in which `*` matches any text; `?` is an ordinary character.
    pub fn star(text: &str) -> Self {
        Self::new(text, text.chars().map(|c| if c == '*' { Token::Many } else { Token::Char(c) }))
    }

    /// Creates a pattern that matches any text.
    pub fn any() -> Self {
        Self::wildcard("*")
    }

    /// Creates a path pattern: `{*}` matches one segment, `{**}` any number of segments.
    pub fn path_template(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(tail) = rest.strip_prefix("{**}") {
                tokens.push(Token::Many);
                rest = tail;
            } else if let Some(tail) = rest.strip_prefix("{*}") {
                tokens.extend([Token::InSegment, Token::RestOfSegment]);
                rest = tail;
            } else {
                tokens.push(Token::Char(c));
                rest = &rest[c.len_utf8()..];
            }
        }
        Self::new(text, tokens.into_iter())
    }

    /// Makes the pattern case-insensitive.
    #[must_use]
    pub fn ignoring_case(mut self) -> Self {
        for token in &mut self.tokens {
            if let Token::Char(c) = token {
                *c = c.to_ascii_lowercase();
            }
        }
        self.ignores_case = true;
        self
    }

    /// Replaces the displayed text of the pattern.
    #[must_use]
    pub fn shown_as(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// Returns whether a text matches. The work is at most the length of the pattern times the length of the text.
    pub fn matches(&self, text: &str) -> bool {
        if self.tokens.contains(&Token::RestOfSegment) {
            return self.matches_segments(text);
        }
        // The position after the last `*`, and the text that follows its current match. An earlier `*` never has to
        // match more, because the last one can.
        let mut retry: Option<(usize, &str)> = None;
        let (mut n, mut rest) = (0, text);
        loop {
            let token = self.tokens.get(n);
            if token == Some(&Token::Many) {
                n += 1;
                retry = Some((n, rest));
                continue;
            }
            let mut chars = rest.chars();
            match (token, chars.next()) {
                (None, None) => return true,
                (Some(token), Some(c)) if self.is_match(*token, c) => {
                    n += 1;
                    rest = chars.as_str();
                }
                (_, None) => return false,
                (_, Some(_)) => {
                    let Some((after, matched)) = retry else { return false };
                    // The `*` matches one more character.
                    let mut chars = matched.chars();
                    chars.next();
                    rest = chars.as_str();
                    n = after;
                    retry = Some((after, rest));
                }
            }
        }
    }

    /// Returns whether a token that matches one character matches this one.
    fn is_match(&self, token: Token, c: char) -> bool {
        match token {
            Token::Char(wanted) => wanted == c || self.ignores_case && wanted == c.to_ascii_lowercase(),
            Token::One => true,
            Token::InSegment => c != '/',
            Token::Many | Token::RestOfSegment => false,
        }
    }

    /// Returns whether a text matches a pattern with both kinds of repetition.
    fn matches_segments(&self, text: &str) -> bool {
        // `reached[n]`: the first `n` tokens match the text so far.
        let mut reached = vec![false; self.tokens.len() + 1];
        reached[0] = true;
        self.skip_empty(&mut reached);
        for c in text.chars() {
            // From the last token to the first, so that each step reads the state before this character.
            for n in (0..self.tokens.len()).rev() {
                let token = self.tokens[n];
                reached[n + 1] = match token {
                    Token::Many => reached[n + 1],
                    Token::RestOfSegment => reached[n + 1] && c != '/',
                    _ => reached[n] && self.is_match(token, c),
                };
            }
            reached[0] = false;
            self.skip_empty(&mut reached);
        }
        reached[self.tokens.len()]
    }

    /// Extends the state by the tokens that match an empty text.
    fn skip_empty(&self, reached: &mut [bool]) {
        for (n, token) in self.tokens.iter().enumerate() {
            reached[n + 1] |= reached[n] && matches!(token, Token::Many | Token::RestOfSegment);
        }
    }

    /// Returns the written text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches every text.
    pub fn is_any(&self) -> bool {
        self.tokens == [Token::Many]
    }

    fn new(text: &str, tokens: impl Iterator<Item = Token>) -> Self {
        let mut normal: Vec<Token> = Vec::new();
        for token in tokens {
            match (normal.last(), token) {
                (Some(Token::Many), Token::Many) => {}
                (Some(Token::Many), Token::One) => normal.insert(normal.len() - 1, Token::One),
                _ => normal.push(token),
            }
        }
        Self { text: text.to_owned(), tokens: normal, ignores_case: false }
    }

    fn key(&self) -> (&[Token], bool) {
        (&self.tokens, self.ignores_case)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Glob {}

impl Ord for Glob {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Glob {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn wildcards_match_any_text() {
        for (pattern, text) in [("*", ""), ("a*", "a"), ("a?c*", "abcd"), ("*b*", "abc"), ("a", "a"), ("*aab", "aaaab")]
        {
            assert!(Glob::wildcard(pattern).matches(text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("?", ""), ("a?", "a"), ("*b", "abc"), ("a*c", "acb")] {
            assert!(!Glob::wildcard(pattern).matches(text), "{pattern} {text}");
        }
        assert!(Glob::path_template("/a/{*}/c").matches("/a/b/c"));
        assert!(!Glob::path_template("/a/{*}/c").matches("/a//c"));
        assert!(!Glob::path_template("/a/{*}/c").matches("/a/b/b/c"));
        assert!(Glob::path_template("/a/{**}").matches("/a/b/b"));
        assert!(Glob::wildcard("S3:Get*").ignoring_case().matches("s3:GETOBJECT"));
    }

    #[test]
    fn matching_many_wildcards_terminates() {
        // A backtracking matcher would try every division of the text among the wildcards, which takes years.
        let pattern = Glob::wildcard(&format!("{}b", "a*".repeat(60)));
        assert!(!pattern.matches(&"a".repeat(300)));
        assert!(pattern.matches(&format!("{}b", "a".repeat(300))));
    }
}
