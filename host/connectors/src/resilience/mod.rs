//! What stands between a system that fails now and then and the work that needs it: pauses between attempts, a limit on how
//! often it is asked, and leaving it alone when it keeps failing. Time is tokio's, which tests pause.

mod breaker;
mod guard;
mod observer;
mod policy;

pub(crate) use guard::Guard;
pub use observer::ConnectorObserver;
pub use policy::Policy;
