use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use duckpen_pipeline::Plan;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Printer;

/// What is seen of a run while it goes: a spinner with the running steps on a terminal, and a line for each settled one.
pub enum Display {
    Silent,
    Lines,
    Spinner { bar: ProgressBar, running: Mutex<Vec<String>> },
}

impl Display {
    pub fn new(printer: &Printer, plan: &Plan) -> Self {
        if printer.is_animated() {
            let bar = ProgressBar::new(plan.steps.len() as u64);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len}  {msg}  {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            Display::Spinner { bar, running: Mutex::default() }
        } else if printer.has_settled_lines() {
            Display::Lines
        } else {
            Display::Silent
        }
    }

    /// A step has started.
    pub fn started(&self, step: &str) {
        if let Display::Spinner { bar, running } = self {
            let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
            running.push(step.to_owned());
            bar.set_message(running.join(", "));
        }
    }

    /// A step has ended.
    pub fn settled(&self, step: &str, line: &str) {
        match self {
            Display::Silent => {}
            Display::Lines => anstream::eprintln!("{line}"),
            Display::Spinner { bar, running } => {
                let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
                running.retain(|name| name != step);
                bar.inc(1);
                bar.set_message(running.join(", "));
                bar.println(line);
            }
        }
    }

    /// Nothing is running any more.
    pub fn finish(&self) {
        if let Display::Spinner { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
}
