//! Named points in the life of a run at which tests kill the host, or let a call fail, to see that nothing is lost and
//! nothing doubled.
//!
//! [`reach`] stands before and after everything that writes, renames or commits. In a build with debug assertions the
//! variable `DUCKPEN_FAULT` arms one point: `commit.before=kill` or `outbox.noted=fail`, and with `@2` behind it the second
//! time that it is reached. `DUCKPEN_FAULT_TRACE` names a file that gets a line for every point reached. In other builds
//! `reach` is nothing, and no variable is read.

mod points;

#[cfg(debug_assertions)]
mod armed;

pub use points::Point;

/// A call that a test lets fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("injected fault at `{}`", .0.name())]
pub struct Injected(pub Point);

/// Says that the host is at a point.
///
/// # Errors
/// Where a test has armed the point so.
#[cfg(debug_assertions)]
pub fn reach(point: Point) -> Result<(), Injected> {
    armed::reach(point)
}

/// Says that the host is at a point.
///
/// # Errors
/// None in this build.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn reach(_: Point) -> Result<(), Injected> {
    Ok(())
}
