use crate::exit::Exit;
use crate::output::{Code, Finding, Report};

/// Why a command ends before it has done anything.
#[derive(Debug)]
pub struct Abort {
    /// How.
    pub exit: Exit,
    /// What is to be told.
    pub findings: Vec<Finding>,
}

impl Abort {
    /// Usage or configuration are wrong.
    pub fn rejected(report: Report) -> Self {
        Self { exit: Exit::Rejected, findings: vec![report.into()] }
    }

    /// Policy refuses it.
    pub fn refused(report: Report) -> Self {
        Self { exit: Exit::Refused, findings: vec![report.into()] }
    }
}

/// What nobody gave a better place to is the host's own fault.
impl From<anyhow::Error> for Abort {
    fn from(error: anyhow::Error) -> Self {
        let report = Report::error(Code::HostFault, format!("{error:#}"));
        Self { exit: Exit::HostFault, findings: vec![report.into()] }
    }
}
