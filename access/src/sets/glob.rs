//! Patterns of text.

use std::cmp::Ordering;
use std::fmt;

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// One character that is not a slash.
    InSegment,
    /// Any number of characters that are not slashes.
    RestOfSegment,
}

/// A pattern, or a literal text. Two patterns are equal if they match alike, whatever they are written as.
#[derive(Clone, Debug)]
pub struct Glob {
    text: String,
    pub(super) tokens: Vec<Token>,
    pub(super) ignores_case: bool,
}

impl Glob {
    /// The text itself; `*` and `?` stand for themselves.
    pub fn literal(text: &str) -> Self {
        Self::new(text, text.chars().map(Token::Char))
    }

    /// `*` is any text, `?` any character.
    pub fn wildcard(text: &str) -> Self {
        let token = |c| match c {
            '*' => Token::Many,
            '?' => Token::One,
            c => Token::Char(c),
        };
        Self::new(text, text.chars().map(token))
    }

    /// `*` is any text; `?` stands for itself.
    pub fn star(text: &str) -> Self {
        Self::new(text, text.chars().map(|c| if c == '*' { Token::Many } else { Token::Char(c) }))
    }

    /// Any text.
    pub fn any() -> Self {
        Self::wildcard("*")
    }

    /// A pattern of a path: `{*}` is one segment, `{**}` any number of them.
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

    /// Upper and lower case are one.
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

    /// The same pattern under other words.
    #[must_use]
    pub fn shown_as(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// Whether a text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.fits(&self.tokens, text)
    }

    fn fits(&self, tokens: &[Token], text: &str) -> bool {
        let Some((token, later)) = tokens.split_first() else { return text.is_empty() };
        let first = text.chars().next();
        let rest = || &text[first.map_or(0, char::len_utf8)..];
        match (token, first) {
            (Token::Many, None) | (Token::RestOfSegment, None | Some('/')) => self.fits(later, text),
            (Token::Many | Token::RestOfSegment, Some(_)) => self.fits(later, text) || self.fits(tokens, rest()),
            (_, None) | (Token::InSegment, Some('/')) => false,
            (Token::One | Token::InSegment, Some(_)) => self.fits(later, rest()),
            (Token::Char(wanted), Some(c)) => {
                (*wanted == c || (self.ignores_case && *wanted == c.to_ascii_lowercase())) && self.fits(later, rest())
            }
        }
    }

    /// As it is written.
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
