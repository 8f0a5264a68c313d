//! Who must reach what, and who must not: said in the program, answered from the output.

use crate::App;
use crate::diag::Diagnostic;
use crate::tree::{At, Construct};
use meshsynth_types::reach_rule::ReachRule;
#[doc(inline)]
pub use meshsynth_types::reach_rule::{End, Holds, Internet, port};

impl App {
    /// Says that a source never reaches a target, by whatever way: network, mesh or credentials.
    ///
    /// `meshsynth synth` asks the output, and tells the whole chain where it is reached.
    ///
    /// # Diagnostics
    ///
    /// - `MS1220`: it is reached.
    /// - `MS1223`: whether it is reached is not known before a deployment.
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

    /// Says that nobody but some sources, and the roles that are theirs, reaches a target.
    ///
    /// # Diagnostics
    ///
    /// - `MS1221`: somebody else reaches it.
    /// - `MS1223`: whether somebody else reaches it is not known before a deployment.
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

    /// Says that a source reaches a target: every layer lets it pass.
    ///
    /// # Diagnostics
    ///
    /// - `MS1222`: something stops it.
    /// - `MS1223`: whether something stops it is not known before a deployment.
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

/// What is found of a rule that does not hold.
pub fn broken(holds: Holds, message: impl Into<String>) -> Diagnostic {
    match holds {
        Holds::Never => Diagnostic::error("MS1220", message),
        Holds::Only => Diagnostic::error("MS1221", message),
        Holds::Always => Diagnostic::error("MS1222", message),
    }
}

/// What is found of a rule of which nobody knows before a deployment whether it holds.
pub fn open(message: impl Into<String>) -> Diagnostic {
    Diagnostic::warning("MS1223", message)
}

/// What is found of a rule that names nothing of the platform.
pub fn nameless(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("MS1224", message)
}

/// What is found of a relation that the program declares and that something stops.
pub fn does_not_arrive(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("MS1225", message)
}

/// What is found of a way that no relation of the program asks for.
pub fn asked_for_by_nothing(message: impl Into<String>) -> Diagnostic {
    Diagnostic::warning("MS1226", message)
}

#[cfg(test)]
mod tests {
    use super::{Internet, port};
    use crate::{App, testing};

    #[test]
    fn rules_stand_in_the_manifest_with_their_lines() {
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
