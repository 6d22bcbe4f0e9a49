use duckpen_pipeline::Code as PipelineCode;
use serde_json::json;

use crate::abort::Abort;
use crate::arguments::{ExplainOptions, Format};
use crate::exit::Exit;
use crate::output::{Code, Printer, Report};

/// Says what an error code means.
pub fn explain(options: &ExplainOptions, printer: &Printer) -> Result<Exit, Abort> {
    let of_pipelines = PipelineCode::ALL.iter().map(|code| (code.as_str(), code.title(), code.explanation()));
    let own = Code::ALL.iter().map(|code| (code.as_str(), code.title(), code.explanation()));
    let found = of_pipelines.chain(own).find(|(code, ..)| code.eq_ignore_ascii_case(&options.code));
    let (code, title, explanation) = found.ok_or_else(|| {
        let report = Report::error(Code::Usage, format!("there is no code `{}`", options.code));
        Abort::rejected(report.hint("codes stand in brackets at the beginning of a message, such as error[E0404]"))
    })?;
    match printer.format {
        Format::Json => printer.document(&json!({ "code": code, "title": title, "explanation": explanation })),
        Format::Text => printer.data(&format!("{code}: {title}\n\n{explanation}")),
    }
    Ok(Exit::Done)
}
