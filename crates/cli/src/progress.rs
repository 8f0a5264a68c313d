//! The progress line on the terminal.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line at the bottom of the terminal, which is removed on drop.
#[derive(Clone)]
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Creates a progress without a line.
    pub fn hidden() -> Self {
        Self { bar: None }
    }

    /// Creates a spinner with the elapsed time.
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

    /// Whether a line is shown. If so, other output to the terminal must go through [`Progress::above`].
    pub fn is_shown(&self) -> bool {
        self.bar.is_some()
    }

    /// Writes the text of another program above the line.
    pub fn above(&self, text: &[u8]) {
        let write = || {
            // An error on stderr cannot be reported.
            let _ = io::stderr().write_all(text);
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Removes the line.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
