//! Required and forbidden connections, declared in the program and verified against the output.

use crate::App;
use crate::diag::Diagnostic;
use crate::tree::{At, Construct};
use meshsynth_model::reach_rule::ReachRule;
#[doc(inline)]
pub use meshsynth_model::reach_rule::{End, Holds, Internet, port};

impl App {
    /// Requires that a source never reaches a target, through network, mesh or credentials.
    ///
    /// `meshsynth synth` checks the output, and reports the whole path if the target is reachable.
    ///
    /// # Diagnostics
    ///
    /// - `MS1220`: the target is reachable.
    /// - `MS1223`: reachability is unknown before deployment.
    ///
    /// # Example
    ///
    /// ```
    /// use meshsynth::reach::Internet;
    /// # let app = meshsynth::App::new("shop");
    /// # let orders = meshsynth::testing::workload(&app);
    ///
    /// app.never(Internet, &orders);
    /// ```
    #[track_caller]
    pub fn never(&self, from: impl Into<End>, to: impl Into<End>) -> &Self {
        self.holds(Holds::Never, vec![from.into()], to.into(), At::caller())
    }

    /// Requires that only some sources, and their roles, reach a target.
    ///
    /// # Diagnostics
    ///
    /// - `MS1221`: another source reaches the target.
    /// - `MS1223`: reachability from another source is unknown before deployment.
    ///
    /// # Example
    ///
    /// ```
    /// # let app = meshsynth::App::new("shop");
    /// # let orders = meshsynth::testing::workload(&app);
    /// # let db = orders.clone();
    /// app.only([&orders], &db);
    /// ```
    #[track_caller]
    pub fn only<E: Into<End>>(&self, from: impl IntoIterator<Item = E>, to: impl Into<End>) -> &Self {
        self.holds(Holds::Only, from.into_iter().map(Into::into).collect(), to.into(), At::caller())
    }

    /// Requires that a source reaches a target: every layer allows the connection.
    ///
    /// # Diagnostics
    ///
    /// - `MS1222`: a layer blocks the connection.
    /// - `MS1223`: whether a layer blocks the connection is unknown before deployment.
    ///
    /// # Example
    ///
    /// ```
    /// # let app = meshsynth::App::new("shop");
    /// # let orders = meshsynth::testing::workload(&app);
    /// # let payments = orders.clone();
    /// app.always(&orders, meshsynth::reach::port(&payments, "http"));
    /// ```
    #[track_caller]
    pub fn always(&self, from: impl Into<End>, to: impl Into<End>) -> &Self {
        self.holds(Holds::Always, vec![from.into()], to.into(), At::caller())
    }

    fn holds(&self, holds: Holds, from: Vec<End>, to: End, at: At) -> &Self {
        let at = self.scope().user_line(at);
        self.scope().settings(|settings| settings.reach.push(ReachRule { holds, from, to, at }));
        self
    }
}

/// Returns the diagnostic for a violated rule.
pub fn violated_rule(holds: Holds, message: impl Into<String>) -> Diagnostic {
    match holds {
        Holds::Never => Diagnostic::error("MS1220", message),
        Holds::Only => Diagnostic::error("MS1221", message),
        Holds::Always => Diagnostic::error("MS1222", message),
    }
}

/// Returns the diagnostic for a rule whose result is unknown before deployment.
pub fn undetermined_rule(message: impl Into<String>) -> Diagnostic {
    Diagnostic::warning("MS1223", message)
}

/// Returns the diagnostic for a rule that refers to no part of the platform.
pub fn unresolved_endpoint(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("MS1224", message)
}

/// Returns the diagnostic for a declared relation whose connection is blocked.
pub fn blocked_relation(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("MS1225", message)
}

/// Returns the diagnostic for a connection that no relation of the program requires.
pub fn undeclared_connection(message: impl Into<String>) -> Diagnostic {
    Diagnostic::warning("MS1226", message)
}

#[cfg(test)]
mod tests {
    use super::{Internet, port};
    use crate::{App, testing};

    #[test]
    fn writes_rules_with_lines_to_manifest() {
        let platform = testing::Platform::synth("shop", |app: &App| {
            let orders = testing::workload(app);
            app.never(Internet, port(&orders, "http")).only([&orders], &orders).always(&orders, port(&orders, 8080));
        });
        let manifest: serde_json::Value = serde_json::from_str(&platform.assembly.files["manifest.json"]).unwrap();
        let rules = manifest["reach"].as_array().unwrap();
        assert_eq!(rules.len(), 3);
        assert_eq!((&rules[0]["holds"], &rules[0]["from"][0]), (&"never".into(), &"internet".into()));
        assert!(rules[0]["to"].as_str().unwrap().ends_with(":http"), "{rules:?}");
        assert!(rules.iter().all(|it| it["source"].as_str().unwrap().contains("src/reach.rs:")), "{rules:?}");
    }
}
