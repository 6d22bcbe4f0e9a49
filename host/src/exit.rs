use std::process::ExitCode;

/// How the command ends, for whoever called it. The numbers are a public contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is done.
    Done,
    /// A step or a query failed.
    Failed,
    /// Usage, configuration or plan are wrong; nothing ran.
    Rejected,
    /// The host's own fault.
    HostFault,
    /// Refused by policy.
    Refused,
    /// Interrupted by the user.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Rejected => 2,
            Exit::HostFault => 3,
            Exit::Refused => 4,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
