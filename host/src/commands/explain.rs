use duckpen_pipeline::{Code as PipelineCode, Example};
use serde_json::json;

use crate::abort::Abort;
use crate::arguments::{ExplainOptions, Format};
use crate::exit::Exit;
use crate::output::{Code, Printer, Report};

/// Says what an error code means.
pub fn explain(options: &ExplainOptions, printer: &Printer) -> Result<Exit, Abort> {
    let of_pipelines =
        PipelineCode::ALL.iter().map(|code| (code.as_str(), code.title(), code.explanation(), code.example()));
    let own = Code::ALL.iter().map(|code| (code.as_str(), code.title(), code.explanation(), code.example()));
    let found = of_pipelines.chain(own).find(|(code, ..)| code.eq_ignore_ascii_case(&options.code));
    let (code, title, explanation, example) = found.ok_or_else(|| {
        let report = Report::error(Code::Usage, format!("there is no code `{}`", options.code));
        Abort::rejected(report.hint("codes stand in brackets at the beginning of a message, such as error[E0404]"))
    })?;
    match printer.format {
        Format::Json => printer.document(&json!({
            "code": code,
            "title": title,
            "explanation": explanation,
            "wrong": example.map(|example| example.wrong),
            "right": example.map(|example| example.right),
        })),
        Format::Text => {
            let example = example.map(|Example { wrong, right }| {
                format!("\n\nWrong:\n\n{}\n\nRight:\n\n{}", indented(wrong), indented(right))
            });
            printer.data(&format!("{code}: {title}\n\n{explanation}{}", example.unwrap_or_default()));
        }
    }
    Ok(Exit::Done)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
