//! Macros with two variables, such as `all(key, value, ..)`. They are rewritten as comprehensions over pairs of key and
//! value.
//!
//! Source: <https://pkg.go.dev/github.com/google/cel-go/ext#TwoVarComprehensions>

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, operators};
use cel::parser::{Macro, MacroExprHelper, ParseError};
use cel::{DeclarationError, Env};

/// The function that converts a list or a map to pairs.
pub const PAIRS: &str = "@pairs";
/// The function that converts pairs to a map.
pub const MAP_OF_PAIRS: &str = "@mapOfPairs";
/// The function that merges maps.
pub const MERGED: &str = "@merged";

/// The variable with the result.
const RESULT: &str = "@result";

type Expansion = Result<Option<IdedExpr>, ParseError>;

/// The kind of a macro.
#[derive(Clone, Copy)]
enum Kind {
    All,
    Exists,
    ExistsOne,
    List,
    Map,
    Entry,
}

/// Adds the macros to the language.
pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    let all = [
        ("all", 3, Kind::All),
        ("exists", 3, Kind::Exists),
        ("existsOne", 3, Kind::ExistsOne),
        ("exists_one", 3, Kind::ExistsOne),
        ("transformList", 3, Kind::List),
        ("transformList", 4, Kind::List),
        ("transformMap", 3, Kind::Map),
        ("transformMap", 4, Kind::Map),
        ("transformMapEntry", 3, Kind::Entry),
        ("transformMapEntry", 4, Kind::Entry),
    ];
    all.into_iter().try_for_each(|(name, n_args, kind)| {
        env.add_macro(Macro::receiver(name, n_args, move |helper, target, args| expand(helper, target, args, kind)))
    })
}

/// Rewrites a call as a comprehension over pairs.
fn expand(
    helper: &mut MacroExprHelper<'_>,
    target: &mut Option<IdedExpr>,
    args: &mut Vec<IdedExpr>,
    kind: Kind,
) -> Expansion {
    let Some(target) = target.take() else { return Ok(None) };
    let mut args = std::mem::take(args).into_iter();
    let (Some(key), Some(value)) = (args.next(), args.next()) else { return Ok(None) };
    let (Expr::Ident(key), Expr::Ident(value)) = (&key.expr, &value.expr) else {
        return Err(helper.new_error(key.id, "the first two arguments must be names of variables"));
    };
    let pair = format!("@pair_{key}_{value}");
    let mut build = Build { helper, pair: pair.clone() };
    let mut rest: Vec<IdedExpr> = args.map(|arg| build.over_pair(arg, key, value)).collect();
    let Some(last) = rest.pop() else { return Ok(None) };
    let filter = rest.pop();
    let range = build.call(PAIRS, vec![target]);
    let accu = build.ident(RESULT);
    let (init, condition, step) = match kind {
        Kind::All => {
            let condition = build.call(operators::NOT_STRICTLY_FALSE, vec![accu.clone()]);
            (build.truth(true), condition, build.call(operators::LOGICAL_AND, vec![accu.clone(), last]))
        }
        Kind::Exists => {
            let not = build.call(operators::LOGICAL_NOT, vec![accu.clone()]);
            let condition = build.call(operators::NOT_STRICTLY_FALSE, vec![not]);
            (build.truth(false), condition, build.call(operators::LOGICAL_OR, vec![accu.clone(), last]))
        }
        Kind::ExistsOne => {
            let one = build.int(1);
            let more = build.call(operators::ADD, vec![accu.clone(), one]);
            let step = build.call(operators::CONDITIONAL, vec![last, more, accu.clone()]);
            (build.int(0), build.truth(true), step)
        }
        Kind::List | Kind::Map | Kind::Entry => {
            let item = match kind {
                Kind::Map => {
                    let key = build.part(0);
                    build.list(vec![key, last])
                }
                _ => last,
            };
            let items = build.list(vec![item]);
            let more = build.call(operators::ADD, vec![accu.clone(), items]);
            let step = match filter {
                Some(filter) => build.call(operators::CONDITIONAL, vec![filter, more, accu.clone()]),
                None => more,
            };
            (build.list(Vec::new()), build.truth(true), step)
        }
    };
    let result = match kind {
        Kind::ExistsOne => {
            let one = build.int(1);
            build.call(operators::EQUALS, vec![accu, one])
        }
        _ => accu,
    };
    let comprehension = build.helper.next_expr(Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: range,
        iter_var: pair,
        iter_var2: None,
        accu_var: RESULT.to_owned(),
        accu_init: init,
        loop_cond: condition,
        loop_step: step,
        result,
    })));
    Ok(Some(match kind {
        Kind::Map => build.call(MAP_OF_PAIRS, vec![comprehension]),
        Kind::Entry => build.call(MERGED, vec![comprehension]),
        _ => comprehension,
    }))
}

/// A builder of expressions.
struct Build<'a, 'h> {
    helper: &'a mut MacroExprHelper<'h>,
    pair: String,
}

impl Build<'_, '_> {
    fn ident(&mut self, name: &str) -> IdedExpr {
        self.helper.next_expr(Expr::Ident(name.to_owned()))
    }

    fn truth(&mut self, value: bool) -> IdedExpr {
        self.helper.next_expr(Expr::Literal(LiteralValue::Boolean(value.into())))
    }

    fn int(&mut self, value: i64) -> IdedExpr {
        self.helper.next_expr(Expr::Literal(LiteralValue::Int(value.into())))
    }

    fn list(&mut self, items: Vec<IdedExpr>) -> IdedExpr {
        self.helper.next_expr(Expr::List(ListExpr::new(items)))
    }

    fn call(&mut self, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        self.helper.next_expr(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
    }

    /// Returns the key (0) or the value (1) of the pair.
    fn part(&mut self, idx: i64) -> IdedExpr {
        let pair = self.pair.clone();
        let (pair, idx) = (self.ident(&pair), self.int(idx));
        self.call(operators::INDEX, vec![pair, idx])
    }

    /// Replaces the two variables in an expression by the parts of the pair.
    fn over_pair(&mut self, mut expr: IdedExpr, key: &str, value: &str) -> IdedExpr {
        let (of_key, of_value) = (self.part(0).expr, self.part(1).expr);
        replace(&mut expr, key, &of_key);
        replace(&mut expr, value, &of_value);
        expr
    }
}

/// Replaces a variable by an expression, unless an inner comprehension redefines it.
fn replace(expr: &mut IdedExpr, name: &str, with: &Expr) {
    match &mut expr.expr {
        Expr::Ident(ident) if ident == name => expr.expr = with.clone(),
        Expr::Select(select) => replace(&mut select.operand, name, with),
        Expr::Call(call) => {
            if let Some(target) = &mut call.target {
                replace(target, name, with);
            }
            call.args.iter_mut().for_each(|arg| replace(arg, name, with));
        }
        Expr::List(list) => list.elements.iter_mut().for_each(|item| replace(item, name, with)),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    replace(&mut entry.key, name, with);
                    replace(&mut entry.value, name, with);
                }
            }
        }
        Expr::Comprehension(it) => {
            replace(&mut it.iter_range, name, with);
            replace(&mut it.accu_init, name, with);
            if it.iter_var != name && it.accu_var != name {
                [&mut it.loop_cond, &mut it.loop_step, &mut it.result]
                    .into_iter()
                    .for_each(|part| replace(part, name, with));
            }
        }
        _ => {}
    }
}
