//! The values of unquoted YAML scalars, with the semantics of kubectl.

use meshsynth_model::val::{Data, Deferred, Part};

/// Returns the value of an unquoted scalar.
pub fn plain(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "y" | "Y" | "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Data::Bool(true),
        "n" | "N" | "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Data::Bool(false);
        }
        _ => {}
    }
    let starts_a_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.');
    if !text.starts_with(starts_a_number) {
        return Data::from(text.to_owned());
    }
    let digits = text.replace('_', "");
    match whole(&digits) {
        Some(number) => Data::Int(number),
        None if is_fraction(&digits) => digits.parse().map_or_else(|_| Data::from(text.to_owned()), number),
        None => Data::from(text.to_owned()),
    }
}

/// Converts a number to its JSON form. `1.0` and `1e3` are integers.
fn number(value: f64) -> Data {
    const MOST: f64 = 9e15;
    if value.fract() == 0.0 && value.abs() < MOST { Data::Int(value as i64) } else { Data::Float(value) }
}

/// Returns the text of an unquoted key: `on` is the key `true`, and `0x10` is `16`.
pub fn key(text: &str) -> String {
    match plain(text) {
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => value.to_string(),
        _ => text.to_owned(),
    }
}

/// Parses an integer: decimal, or with the prefix of another base. A leading zero means octal.
fn whole(digits: &str) -> Option<i64> {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let based = |prefix: &str, base: u32| digits.strip_prefix(prefix).map(|digits| i64::from_str_radix(digits, base));
    let number = based("0x", 16).or_else(|| based("0b", 2)).or_else(|| based("0o", 8)).unwrap_or_else(|| {
        match digits.len() > 1 && digits.starts_with('0') {
            true => i64::from_str_radix(digits, 8),
            false => digits.parse::<i64>(),
        }
    });
    number.ok().filter(|number| *number >= 0).map(|number| sign * number)
}

fn is_fraction(digits: &str) -> bool {
    digits.contains(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'))
}

/// Whether a text contains a placeholder: of a meshsynth assembly, of envsubst, of Flux, or of a template (`{{…}}`).
pub fn is_placeholder(text: &str) -> bool {
    if !text.contains('\n') && text.find("{{").is_some_and(|start| text[start..].contains("}}")) {
        return true;
    }
    let is_variable = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    if text.strip_prefix('$').is_some_and(is_variable) {
        return true;
    }
    let Some(start) = text.find("${") else { return false };
    let name = text[start + 2..].split('}').next().unwrap_or_default();
    let is_one_line = !text.contains('\n');
    is_one_line && name.len() < text.len() - start - 2 && !name.is_empty()
}

/// Returns a text whose value is deferred.
pub fn deferred(text: &str) -> Data {
    Data::from(Deferred::Text(vec![Part::Text(text.to_owned().into())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_unquoted_scalars_as_kubectl_does() {
        for (text, data) in [
            ("~", Data::Null),
            ("yes", Data::Bool(true)),
            ("off", Data::Bool(false)),
            ("12", Data::Int(12)),
            ("-7", Data::Int(-7)),
            ("0x10", Data::Int(16)),
            ("1_000", Data::Int(1000)),
            ("1.5", Data::Float(1.5)),
            ("1e3", Data::Int(1000)),
            ("0888", Data::Int(888)),
            ("y", Data::Bool(true)),
            ("1.2.3", Data::from("1.2.3")),
            ("12:34", Data::from("12:34")),
            ("10m", Data::from("10m")),
            ("2024-01-01", Data::from("2024-01-01")),
        ] {
            assert_eq!(plain(text), data, "{text}");
        }
    }

    #[test]
    fn recognizes_placeholders() {
        assert!(is_placeholder("${data/orders-db.Endpoint.Address}:5432"));
        assert!(is_placeholder("$REVISION"));
        assert!(is_placeholder("orders-{{ .Values.stage }}"));
        assert!(!is_placeholder("$(POD_IP)"));
        assert!(!is_placeholder("}} and {{"));
        assert!(!is_placeholder("{{ in a text\nof two lines }}"), "a file that somebody else reads");
        assert!(!is_placeholder("costs ${"));
    }
}
