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
        let report = Report::error(Code::HostFault, in_words(&error));
        Self { exit: Exit::HostFault, findings: vec![report.into()] }
    }
}

/// An error with its causes, but for those that it has named already.
fn in_words(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match () {
        () if said.is_empty() => cause,
        () if said.ends_with(&cause) => said,
        () => format!("{said}: {cause}"),
    })
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_named_once() {
        for (error, expected) in [
            (anyhow!("a"), "a"),
            (anyhow!("a").context("b"), "b: a"),
            (anyhow!("a").context("b: a").context("c"), "c: b: a"),
            (anyhow!("a").context("b: a").context("c: b: a").context("d"), "d: c: b: a"),
        ] {
            assert_eq!(in_words(&error), expected);
        }
    }
}
