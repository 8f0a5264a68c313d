//! Extraction of pairs that several objects share, such as service labels, into variables.

use std::collections::HashMap;

use crate::names::Given;
use crate::tree::{Expr, Line, Literal, Statement};

/// The minimum numbers of pairs and repetitions for a variable. Two repetitions are enough for many pairs.
const LEAST_PAIRS: usize = 2;
const LEAST_TIMES: usize = 3;
const MANY_PAIRS: usize = 4;

/// Methods whose pairs are named as a selector.
const SELECTORS: [&str; 3] = ["match_labels", "node_selector", "selector"];

/// The number of repetitions of pairs, and the first method that uses them.
struct Said {
    times: usize,
    method: String,
    is_selector: bool,
}

/// Moves shared pairs into variables before the first statement that uses them.
pub fn apart(statements: &mut [Statement], given: &mut Given) {
    let mut said: HashMap<Expr, Said> = HashMap::new();
    for root in statements.iter().flat_map(|it| &it.lines).filter_map(value) {
        count(root, &mut said);
    }
    let is_worth = |pairs: &Expr, said: &Said| {
        let n_pairs = pairs.children().len();
        said.times >= LEAST_TIMES || (said.times > 1 && n_pairs >= MANY_PAIRS)
    };
    said.retain(|pairs, it| is_worth(pairs, it));
    let mut names: HashMap<Expr, String> = HashMap::new();
    for statement in statements {
        let mut found = Vec::new();
        for line in &mut statement.lines {
            let (Line::Let { value, .. } | Line::Do(value)) = line else { continue };
            value.change(&mut |it| {
                let Some(of) = said.get(it) else { return };
                let name = names.get(it).cloned().unwrap_or_else(|| {
                    let name = given.take(if of.is_selector { "selector" } else { &of.method }, "_");
                    names.insert(it.clone(), name.clone());
                    found.push(Line::Let { name: name.clone(), is_mut: false, value: it.clone() });
                    name
                });
                *it = Expr::variable(name);
            });
        }
        statement.lines.splice(0..0, found);
    }
}

fn value(line: &Line) -> Option<&Expr> {
    match line {
        Line::Let { value, .. } | Line::Do(value) => Some(value),
        Line::Bind { .. } | Line::For(_) | Line::Result(_) => None,
    }
}

fn count(expr: &Expr, said: &mut HashMap<Expr, Said>) {
    if let Expr::Method(method) = expr {
        for pairs in method.arguments.iter().filter(|it| is_pairs(it)) {
            let is_selector = SELECTORS.contains(&method.name.as_str());
            let new = || Said { times: 0, method: method.name.clone(), is_selector };
            let known = said.entry(pairs.clone()).or_insert_with(new);
            known.times += 1;
            known.is_selector |= is_selector;
        }
    }
    expr.children().into_iter().for_each(|it| count(it, said));
}

/// Whether an expression is an array of pairs of texts.
fn is_pairs(expr: &Expr) -> bool {
    let is_text = |it: &Expr| matches!(it, Expr::Literal(Literal::Text(_)));
    let is_pair = |it: &Expr| matches!(it, Expr::Tuple(items) if items.len() == 2 && items.iter().all(is_text));
    matches!(expr, Expr::Array(items) if items.len() >= LEAST_PAIRS && items.iter().all(is_pair))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::long;
    use crate::tree::layout;

    fn pairs(pairs: &[(&str, &str)]) -> Expr {
        let pair = |(key, value): &(&str, &str)| Expr::Tuple(vec![Expr::text(*key), Expr::text(*value)]);
        Expr::Array(pairs.iter().map(pair).collect())
    }

    fn written(mut statements: Vec<Statement>) -> String {
        let mut given = long::given(["cluster"].into_iter(), &statements);
        apart(&mut statements, &mut given);
        statements.iter().map(|it| layout::statement(it, 0)).collect()
    }

    fn labelled(id: &str, labels: &[(&str, &str)]) -> Statement {
        Statement::of(Expr::call("ConfigMap::new", [Expr::text(id)]).method("labels", [pairs(labels)]))
    }

    #[test]
    fn shared_pairs_become_a_variable() {
        let labels = [("app", "web"), ("tier", "front")];
        let text = written(vec![labelled("a", &labels), labelled("b", &labels), labelled("c", &labels)]);
        assert_eq!(text.matches("let labels = [(\"app\", \"web\"), (\"tier\", \"front\")];").count(), 1, "{text}");
        assert_eq!(text.matches(".labels(labels)").count(), 3, "{text}");
    }

    #[test]
    fn pairs_of_a_label_selector_are_named_selector() {
        let both = [("app", "web"), ("tier", "front")];
        let select = Statement::of(Expr::call("ServiceSpec::new", []).method("selector", [pairs(&both)]));
        let text = written(vec![labelled("a", &both), select.clone(), select]);
        assert!(text.contains("let selector = ") && text.contains(".labels(selector)"), "{text}");
    }

    #[test]
    fn two_pairs_that_are_used_twice_stay_inline() {
        let labels = [("app", "web"), ("tier", "front")];
        assert!(!written(vec![labelled("a", &labels), labelled("b", &labels)]).contains("let "));
    }
}
