//! Literals with lines that are too long, as variables before their statement: `rustfmt` leaves a statement as it is that has one.

use crate::literals::Shape;

/// A line of a literal that is longer than this is too long within a statement.
const MOST: usize = 88;

/// The variables of a statement for its long literals, and the statement with them. `is_taken` says whether a name means something else.
pub fn apart(text: &str, is_taken: &dyn Fn(&str) -> bool) -> (Vec<String>, String) {
    let is_long = |literal: &&str| literal.lines().any(|line| line.len() > MOST);
    let shape = Shape::of(text);
    if !shape.literals.iter().any(is_long) {
        return (Vec::new(), text.to_owned());
    }
    let (mut variables, mut rest, mut names): (Vec<String>, String, Vec<String>) = Default::default();
    for (idx, literal) in shape.literals.iter().enumerate() {
        rest.push_str(shape.pieces[idx]);
        if !is_long(literal) {
            rest.push_str(literal);
            continue;
        }
        let mut name = format!("{}_text", shape.name(idx));
        while is_taken(&name) || names.contains(&name) {
            name.push('_');
            name.push_str(&(names.len() + 2).to_string());
        }
        variables.push(format!("let {name} = {literal};"));
        rest.push_str(&name);
        names.push(name);
    }
    rest.push_str(shape.pieces.last().copied().unwrap_or_default());
    (variables, rest)
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn a_script_with_long_lines_stands_before_its_statement() {
        let script = format!("r#\"short\n{}\"#", "x".repeat(90));
        let text = format!("let a = X::new().user_data(intrinsic::base64({script})).tag(\"b\");");
        let (variables, rest) = apart(&text, &|_| false);
        assert_eq!(variables, [format!("let base64_text = {script};")]);
        assert_eq!(rest, "let a = X::new().user_data(intrinsic::base64(base64_text)).tag(\"b\");");
        assert_eq!(apart("x(\"y\");", &|_| false), (Vec::new(), "x(\"y\");".to_owned()));
    }

    #[test]
    fn a_name_that_is_taken_is_another_one() {
        let long = format!("\"{}\"", "x".repeat(90));
        let (variables, rest) = apart(&format!("f(g({long}), g({long}));"), &|name| name == "g_text");
        assert_eq!(variables, [format!("let g_text_2 = {long};"), format!("let g_text_3 = {long};")]);
        assert_eq!(rest, "f(g(g_text_2), g(g_text_3));");
    }
}
