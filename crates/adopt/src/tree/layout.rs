//! Printing of a tree in the layout of `rustfmt`, because the program must be readable if `rustfmt` is not installed.

use super::{Expr, Function, Line, Loop, Method, Path, Statement, Type};

/// The maximum line width.
const MOST: usize = 120;

/// The maximum width of unbroken arguments, items and chains.
const NARROW: usize = 110;

/// The indentation of one level.
const STEP: usize = 4;

/// Returns the text of a statement at an indentation, including the final newline.
pub fn statement(statement: &Statement, indent: usize) -> String {
    statement.lines.iter().map(|it| line(it, indent)).collect()
}

/// Returns the text of a statement with its comments.
pub fn commented_statement(it: &Statement, indent: usize) -> String {
    comments(&it.comments, indent) + &statement(it, indent)
}

/// Returns the text of comments.
pub fn comments(comments: &[String], indent: usize) -> String {
    let space = " ".repeat(indent);
    comments.iter().map(|it| format!("{space}// {}\n", on_one_line(it))).collect()
}

/// Returns the text of a struct field with its value.
pub fn field(name: &str, value: &Expr, indent: usize) -> String {
    let space = " ".repeat(indent);
    format!("{space}{name}: {},\n", expr(value, At::line(indent).after(name.len() + 2)))
}

/// Returns the number of lines of a statement, including comments and the preceding blank line.
pub fn n_lines(it: &Statement) -> usize {
    it.comments.len() + usize::from(it.is_apart) + statement(it, STEP).lines().count()
}

/// Whether a statement is longer than a few lines.
pub fn is_long(it: &Statement) -> bool {
    statement(it, STEP).lines().count() > 5
}

/// The position of an expression.
#[derive(Clone, Copy)]
struct At {
    /// The indentation of its line.
    indent: usize,
    /// Its column.
    column: usize,
    /// Whether broken items end with a comma. Macro items do not.
    has_comma: bool,
}

impl At {
    fn line(indent: usize) -> Self {
        Self { indent, column: indent, has_comma: true }
    }

    fn after(self, n_columns: usize) -> Self {
        Self { column: self.column + n_columns, ..self }
    }

    fn inner(self) -> Self {
        Self { indent: self.indent + STEP, column: self.indent + STEP, ..self }
    }
}

/// Returns the text of an expression.
fn expr(expr: &Expr, at: At) -> String {
    let flat = Flat::of(expr);
    if flat.is_narrow && at.column + flat.text.len() < MOST {
        return flat.text;
    }
    match expr {
        Expr::Call(path, arguments) => {
            let path = shown(path);
            format!("{path}{}", group("(", arguments, ")", at.after(path.len())))
        }
        Expr::Array(items) => group("[", items, "]", at),
        Expr::Tuple(items) => group("(", items, ")", at),
        Expr::Macro(name, items) => {
            let (open, close) = brackets(name);
            let at = At { has_comma: false, ..at.after(name.len() + 1) };
            format!("{name}!{}", group(open, items, close, at))
        }
        Expr::Borrowed(inner) => format!("&{}", self::expr(inner, at.after(1))),
        Expr::BorrowedMut(inner) => format!("&mut {}", self::expr(inner, at.after(5))),
        Expr::Method(method) => chain(method, at),
        Expr::Either(either) => self::expr(&either.here, at),
        Expr::Literal(_) | Expr::Path(_) | Expr::Scope | Expr::Variable(_) | Expr::Field(..) => flat.text,
    }
}

fn line(it: &Line, indent: usize) -> String {
    let space = " ".repeat(indent);
    match it {
        Line::Do(value) => format!("{space}{};\n", expr(value, At::line(indent))),
        Line::Result(value) => format!("{space}{}\n", expr(value, At::line(indent))),
        Line::Let { name, is_mut, value } => {
            let head = format!("let {}{name} = ", if *is_mut { "mut " } else { "" });
            format!("{space}{head}{};\n", expr(value, At::line(indent).after(head.len())))
        }
        Line::Bind { names, value } => {
            let names: Vec<&str> = names.iter().map(|it| it.as_deref().unwrap_or("_")).collect();
            let names =
                if let [name] = names.as_slice() { (*name).to_owned() } else { format!("({})", names.join(", ")) };
            let head = format!("let {names} = ");
            format!("{space}{head}{};\n", expr(value, At::line(indent).after(head.len())))
        }
        Line::For(Loop { names, rows, body }) => {
            let names = if let [name] = names.as_slice() { name.clone() } else { format!("({})", names.join(", ")) };
            let mut text = format!("{space}for {names} in [\n");
            for row in rows {
                let row = match row.as_slice() {
                    [one] => expr(one, At::line(indent + STEP)),
                    many => format!("({})", many.iter().map(|it| Flat::of(it).text).collect::<Vec<_>>().join(", ")),
                };
                text.push_str(&format!("{space}    {row},\n"));
            }
            text.push_str(&format!("{space}] {{\n"));
            body.iter().for_each(|it| text.push_str(&line(it, indent + STEP)));
            text + &format!("{space}}}\n")
        }
    }
}

/// Returns the text of a function.
pub fn function(function: &Function) -> String {
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{}: {}", param.name, type_name(&param.is))).collect();
    let returns = match function.returns.as_slice() {
        [] => String::new(),
        [(_, one)] => format!(" -> {}", shown(one)),
        many => format!(" -> ({})", many.iter().map(|(_, it)| shown(it)).collect::<Vec<_>>().join(", ")),
    };
    let visible = if function.visible.is_empty() { String::new() } else { format!("{} ", function.visible) };
    let mut head = format!("{visible}fn {}({}){returns} {{\n", function.name, params.join(", "));
    if head.len() > MOST {
        let params: String = params.iter().map(|param| format!("    {param},\n")).collect();
        head = format!("{visible}fn {}(\n{params}){returns} {{\n", function.name);
    }
    let mut text = format!("/// {}\n{head}", on_one_line(&function.doc));
    for (idx, it) in function.statements.iter().enumerate() {
        if idx > 0 && (it.is_apart || function.statements[idx - 1].is_apart) {
            text.push('\n');
        }
        text.push_str(&commented_statement(it, STEP));
    }
    let is_said = function.statements.last().is_some_and(|it| matches!(it.lines.last(), Some(Line::Result(_))));
    match function.returns.as_slice() {
        _ if is_said => {}
        [] => {}
        [(name, _)] => text.push_str(&format!("    {name}\n")),
        many => {
            let names: Vec<&str> = many.iter().map(|(name, _)| name.as_str()).collect();
            text.push_str(&format!("    ({})\n", names.join(", ")));
        }
    }
    text + "}\n"
}

fn type_name(is: &Type) -> String {
    match is {
        Type::Plain(name) => (*name).to_owned(),
        Type::Reference(path) => format!("&{}", shown(path)),
        Type::Mutable(path) => format!("&mut {}", shown(path)),
    }
}

/// Returns a text on one line. File names can contain newlines, and text after a newline would leave the comment.
pub fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if super::is_seen(c) { c } else { ' ' }).collect()
}

/// Prints items between brackets, each on its own line. A single nested block stays next to the brackets.
fn group(open: &str, items: &[Expr], close: &str, at: At) -> String {
    let is_block = |it: &Expr| matches!(it, Expr::Macro(..) | Expr::Array(_) | Expr::Call(..) | Expr::Tuple(_));
    if let [one] = items
        && is_block(one)
    {
        return format!("{open}{}{close}", expr(one, at.after(open.len())));
    }
    let inner = at.inner();
    let space = " ".repeat(inner.indent);
    let mut text = format!("{open}\n");
    for (idx, item) in items.iter().enumerate() {
        let comma = if at.has_comma || idx + 1 < items.len() { "," } else { "" };
        text.push_str(&format!("{space}{}{comma}\n", expr(item, inner)));
    }
    text + &" ".repeat(at.indent) + close
}

/// Prints a chain of method calls, one call for each line if there are several.
fn chain(last: &Method, at: At) -> String {
    let (mut links, mut root) = (vec![last], &last.of);
    while let Expr::Method(method) = root {
        links.push(method);
        root = &method.of;
    }
    links.reverse();
    let is_word = matches!(root, Expr::Variable(_) | Expr::Scope);
    if let ([one], true) = (links.as_slice(), is_word) {
        let head = format!("{}{}", Flat::of(root).text, call(one));
        return format!("{head}{}", group("(", &one.arguments, ")", at.after(head.len())));
    }
    let inner = at.inner();
    let space = " ".repeat(inner.indent);
    let mut text = expr(root, at);
    for link in links {
        let head = call(link);
        let after = inner.after(head.len());
        let flat = Flat::all("(", &link.arguments, ")");
        let arguments = match flat.is_narrow && after.column + flat.text.len() < MOST {
            true => flat.text,
            false => group("(", &link.arguments, ")", after),
        };
        text.push_str(&format!("\n{space}{head}{arguments}"));
    }
    text
}

/// Returns `.name::<T>`.
fn call(method: &Method) -> String {
    match method.generic {
        Some(generic) => format!(".{}::<{generic}>", method.name),
        None => format!(".{}", method.name),
    }
}

fn brackets(name: &str) -> (&'static str, &'static str) {
    if name == "format" { ("(", ")") } else { ("[", "]") }
}

fn shown(path: &Path) -> String {
    match &path.of {
        Some((inner, "")) => format!("{}<{}>", path.text, shown(inner)),
        Some((inner, then)) => format!("{}::<{}>::{then}", path.text, shown(inner)),
        None => path.text.clone(),
    }
}

/// The text of an expression on one line, and whether all its parts are narrow enough.
struct Flat {
    text: String,
    is_narrow: bool,
}

impl Flat {
    fn of(expr: &Expr) -> Self {
        match expr {
            Expr::Literal(literal) => Self::word(literal.shown()),
            Expr::Path(path) => Self::word(shown(path)),
            Expr::Scope => Self::word("stack".to_owned()),
            Expr::Variable(name) => Self::word(name.clone()),
            Expr::Field(variable, name) => Self::word(format!("{variable}.{name}")),
            Expr::Borrowed(inner) => {
                let inner = Self::of(inner);
                Self { text: format!("&{}", inner.text), ..inner }
            }
            Expr::BorrowedMut(inner) => {
                let inner = Self::of(inner);
                Self { text: format!("&mut {}", inner.text), ..inner }
            }
            Expr::Call(path, arguments) => Self::all("(", arguments, ")").after(&shown(path)),
            Expr::Array(items) => Self::all("[", items, "]"),
            Expr::Tuple(items) => Self::all("(", items, ")"),
            Expr::Macro(name, items) => {
                let (open, close) = brackets(name);
                Self::all(open, items, close).after(&format!("{name}!"))
            }
            Expr::Method(method) => {
                let (of, rest) = (Self::of(&method.of), Self::all("(", &method.arguments, ")"));
                let text = format!("{}{}{}", of.text, call(method), rest.text);
                let is_chain = !matches!(method.of, Expr::Variable(_) | Expr::Scope);
                let is_narrow = of.is_narrow && rest.is_narrow && (!is_chain || text.len() <= NARROW);
                Self { text, is_narrow }
            }
            Expr::Either(either) => Self::of(&either.here),
        }
    }

    fn word(text: String) -> Self {
        Self { is_narrow: !text.contains('\n'), text }
    }

    fn all(open: &str, items: &[Expr], close: &str) -> Self {
        let items: Vec<Self> = items.iter().map(Self::of).collect();
        let texts: Vec<&str> = items.iter().map(|it| it.text.as_str()).collect();
        let inner = texts.join(", ");
        let is_narrow = items.iter().all(|it| it.is_narrow) && (inner.len() <= NARROW || items.len() == 1);
        Self { text: format!("{open}{inner}{close}"), is_narrow }
    }

    fn after(self, head: &str) -> Self {
        Self { text: format!("{head}{}", self.text), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_wide_expressions_like_rustfmt() {
        let props = Expr::call("cfn::sqs::Queue::new", [])
            .method(
                "redrive_policy",
                [Expr::map([
                    (
                        Expr::text("deadLetterTargetArn"),
                        Expr::variable("dead_letters_of_the_mail_queue").method("arn", []),
                    ),
                    (Expr::text("maxReceiveCount"), Expr::text("5 times, then it is dead")),
                ])],
            )
            .method("sqs_managed_sse_enabled", [Expr::Path("true".into())]);
        let queue = Expr::call("sqs::Queue::bare", [Expr::Scope, Expr::text("mails"), props]);
        assert_eq!(
            statement(&Statement::define("mails", queue), 4),
            r#"    let mails = sqs::Queue::bare(
        stack,
        "mails",
        cfn::sqs::Queue::new()
            .redrive_policy(map![
                ("deadLetterTargetArn", dead_letters_of_the_mail_queue.arn()),
                ("maxReceiveCount", "5 times, then it is dead")
            ])
            .sqs_managed_sse_enabled(true),
    );
"#
        );
    }

    #[test]
    fn comments_never_become_code() {
        assert_eq!(on_one_line("a`\npub fn x() {}\r\n"), "a` pub fn x() {}  ");
    }
}
