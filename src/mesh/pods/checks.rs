//! Ports that cannot be told apart.

use crate::diag::Diagnostic;
use crate::tree::Scope;

use super::Port;

pub(super) fn check(scope: &Scope, name: &str, ports: &[Port]) {
    for (idx, port) in ports.iter().enumerate() {
        if let Some(other) = ports[..idx].iter().find(|it| it.name == port.name || it.port == port.port) {
            let message = format!(
                "`{name}` has the ports `{}` ({}) and `{}` ({}), which cannot be told apart",
                other.name, other.port, port.name, port.port
            );
            let help = "give each port a name and a number of its own; the main port is named after its protocol";
            scope.report(Diagnostic::error("MS0440", message).help(help));
        }
    }
}
