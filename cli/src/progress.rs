//! The line that says that something is going on.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line at the foot of the terminal, gone when this is dropped.
#[derive(Clone)]
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// No line at all.
    pub fn hidden() -> Self {
        Self { bar: None }
    }

    /// A spinner with a clock.
    pub fn spinner(text: &str, is_coloured: bool) -> Self {
        let template =
            if is_coloured { "{spinner:.cyan} {msg} … {elapsed}" } else { "{spinner} {msg} … {elapsed}" };
        let style = ProgressStyle::with_template(template).expect("the template is a constant");
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style);
        bar.set_message(text.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar: Some(bar) }
    }

    /// Whether there is a line, so that whoever else writes to the terminal must go through this.
    pub fn is_shown(&self) -> bool {
        self.bar.is_some()
    }

    /// Writes another program's text above the line.
    pub fn above(&self, text: &[u8]) {
        let write = || {
            // Nobody is left to tell if stderr is gone.
            let _ = io::stderr().write_all(text);
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
