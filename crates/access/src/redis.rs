//! Access strings of Redis and Valkey: the commands that a user may run, and the keys.
//!
//! Source: <https://valkey.io/topics/acl/>.

use crate::sets::{Cube, Dimension, Glob, Region, Set, Test};

/// Returns the permissions of an access string. Commands and categories are actions, key patterns are resources.
/// Channels are ignored. The commands of a category are unknown, so `@read` is a single action.
pub fn access(text: &str) -> Region {
    let (mut is_on, mut commands, mut keys) = (false, Region::none(), Vec::new());
    for word in text.split_whitespace() {
        match word {
            "on" => is_on = true,
            "off" => is_on = false,
            "reset" => (is_on, commands, keys) = (false, Region::none(), Vec::new()),
            "+@all" | "allcommands" => commands = Region::all(),
            "-@all" | "nocommands" => commands = Region::none(),
            "allkeys" => keys.push("*"),
            "resetkeys" => keys.clear(),
            _ => {
                // Patterns for reading or writing only begin with `%R~`, `%W~` or `%RW~`.
                let pattern = word.strip_prefix('~').or_else(|| word.strip_prefix('%')?.split_once('~').map(|it| it.1));
                if let Some(name) = word.strip_prefix('+') {
                    commands = commands.or(command(name));
                } else if let Some(name) = word.strip_prefix('-') {
                    commands = commands.without(command(name));
                }
                keys.extend(pattern);
            }
        }
    }
    if !is_on || keys.is_empty() {
        return Region::none();
    }
    let keys = match keys.contains(&"*") {
        true => Set::all(),
        false => Set::of(keys.into_iter().map(|it| Test::Text(Glob::wildcard(it)))),
    };
    commands.and(Cube::new().with(Dimension::Resource, keys).into())
}

fn command(name: &str) -> Region {
    Cube::new().with(Dimension::Action, Set::literal(&name.to_ascii_lowercase())).into()
}
