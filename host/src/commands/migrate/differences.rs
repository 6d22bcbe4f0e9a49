//! Where the two tools differ: how it is told, and which of them is known to be right.

use serde_json::{Value, json};

/// Which of them is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// SQLFlow has a known defect there.
    Duckpen,
    /// That is for somebody to look at.
    Unknown,
}

/// Something that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    what: String,
    pub(super) right: Right,
    /// The defect of SQLFlow, or what to look at.
    why: String,
}

impl Difference {
    fn known(what: impl Into<String>, why: &str) -> Self {
        Self { what: what.into(), right: Right::Duckpen, why: why.to_owned() }
    }

    fn unknown(what: impl Into<String>, why: &str) -> Self {
        Self { what: what.into(), right: Right::Unknown, why: why.to_owned() }
    }

    pub(super) fn line(&self) -> String {
        let right = if self.right == Right::Duckpen { "duckpen is right" } else { "look at it" };
        format!("{}; {right}: {}", self.what, self.why)
    }

    pub(super) fn document(&self) -> Value {
        let right = if self.right == Right::Duckpen { "duckpen" } else { "unknown" };
        json!({ "what": self.what, "right": right, "why": self.why })
    }
}

/// One of the tools failed, and the other did not.
pub(super) enum Failure {
    Theirs { printed: String },
    Ours { message: String, errors_are_rows: bool },
}

const WANTS_OPTIONS: &str = "this SQLFlow wants OPTIONS in every EXPORT";

const APPENDS_BY_POSITION: &str = "SQLFlow appends columns by their places, and not by their names";

/// Parts of SQLFlow's messages, and the defects they come of.
const THEIR_FAILURES: &[(&str, &str)] = &[
    (
        "python_func does not exist",
        "SQLFlow does not find calls in EXPORT, within other calls, or of a table with other columns than *",
    ),
    ("Expected 'SELECT' after 'AS'", "SQLFlow takes no query that begins with WITH"),
    ("Expected 'TABLE' after 'CREATE", "this SQLFlow has neither views nor CREATE OR REPLACE"),
    (
        "Expected 'REPLACE', 'APPEND', or 'MERGE' after 'MODE'",
        "this SQLFlow writes MERGE MERGE_KEYS (id) for UPSERT KEY (id)",
    ),
    ("Expected 'AS' after table name", "this SQLFlow's CREATE TABLE has no MODE, and its tables no schemas"),
    ("Expected 'SELECT' after 'EXPORT'", "this SQLFlow exports queries only"),
    ("EXPORT directive requires OPTIONS", WANTS_OPTIONS),
    ("Expected 'OPTIONS' after connector type", WANTS_OPTIONS),
    ("argument types '|(", "SQLFlow makes two signs of ||"),
    (
        "Cycle 1:",
        "SQLFlow takes words in texts and comments for tables that are read, and finds a circle where there is none",
    ),
    ("Table with name", "SQLFlow does not run every step before those that read its table"),
    ("Unknown identifier", "SQLFlow's conditions have no texts without quotes"),
    ("Unknown connector type", "this SQLFlow does not have the connector"),
    (
        "Cannot compare values of type VARCHAR and type INTEGER",
        "SQLFlow puts variables into queries as text, so that 2024-01-01 is a subtraction",
    ),
    ("Path is required", "SQLFlow does not give a connector of the profile its parameters"),
    ("Unknown step type", "SQLFlow reads INCLUDE and cannot run it"),
    ("unhashable type", "SQLFlow cannot set a variable by means of another"),
    ("already exists", "SQLFlow cannot run a pipeline again on a database that is kept"),
    ("unfinished result", "this SQLFlow does not go with this version of DuckDB's Python package: install duckdb<1.4"),
    (
        "Unknown parameters for CSV connector",
        "this SQLFlow refuses parameters that it documents, such as those of incremental sources",
    ),
    ("values were supplied", APPENDS_BY_POSITION),
    ("when casting from source column", APPENDS_BY_POSITION),
    ("Unknown error in source_definition", "SQLFlow cannot read the source, and does not say why"),
    ("does not match required pattern", "SQLFlow reads CSV from files *.csv only"),
    ("No such file or directory: ''", "SQLFlow cannot write a file that is in no folder"),
    ("invalid syntax", "SQLFlow's conditions have no AND, OR and IN, and no texts with blanks"),
    ("Parser Error: ", "SQLFlow puts the query together again from its words, and what it makes is no SQL"),
    ("Parser Error at line", "this SQLFlow has less of the language, and cannot read the pipeline"),
];

/// Parts of our messages about what SQLFlow lets pass, and should not.
const OUR_FAILURES: [(&str, &str); 3] = [
    ("more than once", "SQLFlow inserts rows with the same key twice"),
    ("error[E0413]", "SQL of SQLFlow reads every file that its user may read; here it reads those of the project"),
    ("unknown statement", "SQLFlow leaves out statements that it does not know, and says nothing"),
];

/// What is known about a pipeline that only one tool could run.
pub(super) fn of_failure(failure: &Failure) -> Difference {
    match failure {
        Failure::Theirs { printed } => {
            let what = "SQLFlow fails and duckpen does not";
            let last = printed.lines().rev().find(|line| line.contains("ailed") || line.contains("rror"));
            match THEIR_FAILURES.iter().find(|(part, _)| printed.contains(part)) {
                Some((_, why)) => Difference::known(what, why),
                None => Difference::unknown(what, last.unwrap_or("it says nothing").trim()),
            }
        }
        Failure::Ours { message, errors_are_rows } => {
            let what = format!("duckpen fails and SQLFlow does not ({})", message.trim());
            if *errors_are_rows {
                Difference::known(what, "SQLFlow makes a table of the error text of a Python function, and goes on")
            } else if let Some((_, why)) = OUR_FAILURES.iter().find(|(part, _)| message.contains(part)) {
                Difference::known(what, why)
            } else {
                Difference::unknown(what, "it would have to work, or to be written differently")
            }
        }
    }
}

/// Tables that SQLFlow leaves behind: its own, the rows of a SOURCE under its name, and the results of functions of tables.
pub(super) fn is_left_behind(table: &str, sources: &[String]) -> bool {
    let is_result =
        table.rsplit_once("_result_").is_some_and(|(_, time)| time.bytes().all(|byte| byte.is_ascii_digit()));
    table.starts_with("sqlflow_") || is_result || sources.iter().any(|source| source.eq_ignore_ascii_case(table))
}

/// The names of columns.
pub(super) fn names(columns: &[(String, String)]) -> Vec<&str> {
    columns.iter().map(|(name, _)| name.as_str()).collect()
}

/// The table that SQLFlow makes of an error.
pub(super) fn is_error_table(columns: &[(String, String)]) -> bool {
    names(columns) == ["error_message", "udf_name", "source_table"]
}

/// Two tables of one name with other columns.
pub(super) fn of_columns(table: &str, theirs: &[(String, String)], ours: &[(String, String)]) -> Difference {
    let what = format!(
        "table {table}: SQLFlow has the columns {}, duckpen has {}",
        names(theirs).join(", "),
        names(ours).join(", ")
    );
    if is_error_table(theirs) {
        return Difference::known(what, "SQLFlow makes a table of the error text of a Python function, and goes on");
    }
    Difference::unknown(what, "give the columns names with AS")
}

/// A table that only one of them has.
pub(super) fn of_missing_table(table: &str, is_theirs: bool) -> Difference {
    if is_theirs {
        Difference::unknown(format!("table {table}: SQLFlow does not make it"), "see whether its step is skipped there")
    } else {
        Difference::unknown(format!("table {table}: duckpen does not make it"), "see what makes it in SQLFlow")
    }
}

/// Two tables with other numbers of rows.
pub(super) fn of_counts(table: &str, theirs: i128, ours: i128) -> Difference {
    let what = format!("table {table}: {theirs} rows in SQLFlow, {ours} in duckpen");
    if theirs < ours && theirs % 10_000 == ours % 10_000 {
        return Difference::known(what, "SQLFlow keeps the last 10,000 rows of an incremental source");
    }
    Difference::unknown(what, "see the steps that make it")
}

/// Whether a type is one of numbers.
pub(super) fn is_number(kind: &str) -> bool {
    kind.ends_with("INT")
        || kind == "INTEGER"
        || kind == "UINTEGER"
        || kind == "DOUBLE"
        || kind == "FLOAT"
        || kind.starts_with("DECIMAL")
}

/// A column in which two tables have other values.
pub(super) struct OtherValues<'a> {
    pub(super) name: &'a str,
    /// Its type in SQLFlow.
    pub(super) theirs: &'a str,
    /// Its type here.
    pub(super) ours: &'a str,
    /// What its values show.
    pub(super) texts: Texts,
}

/// How texts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// SQLFlow has NULL wherever the values are others, and duckpen a text that pandas takes for nothing.
    Lost,
    /// In their blanks only.
    Blanks,
    /// SQLFlow has `${...}` wherever the values are others.
    Unresolved,
    /// Otherwise, or they are none.
    Other,
}

/// Two tables whose columns have other values.
pub(super) fn of_values(table: &str, columns: &[OtherValues<'_>]) -> Difference {
    let shown: Vec<String> = columns
        .iter()
        .map(|other| format!("{} ({} in SQLFlow, {} in duckpen)", other.name, other.theirs, other.ours))
        .collect();
    let what = format!("table {table}: other values in {}", shown.join(", "));
    let is_text_made_number = |other: &OtherValues<'_>| is_number(other.theirs) && other.ours == "VARCHAR";
    let is_rounded = |other: &OtherValues<'_>| other.theirs == "DOUBLE" && other.ours.ends_with("INT");
    if columns.is_empty() {
        Difference::unknown(format!("table {table}: values stand in other rows"), "see the steps that make it")
    } else if columns.iter().all(is_text_made_number) {
        Difference::known(what, "SQLFlow makes numbers of texts such as 00123")
    } else if columns.iter().all(|other| other.texts == Texts::Lost) {
        Difference::known(what, "SQLFlow makes NULL of texts such as NA")
    } else if columns.iter().all(|other| other.texts == Texts::Blanks) {
        Difference::known(what, "SQLFlow puts queries together again from their words, and changes blanks in texts")
    } else if columns.iter().all(|other| other.texts == Texts::Unresolved) {
        Difference::known(what, "SQLFlow leaves ${...} as it is within the value of another variable")
    } else if columns.iter().all(is_rounded) {
        Difference::known(what, "SQLFlow reads whole numbers beside an empty cell as fractions, and loses digits")
    } else {
        Difference::unknown(what, "see the steps that make it")
    }
}

/// What SQLFlow writes where it does not find the table of an EXPORT.
const MADE_UP: &[u8] = b"id,value\n1,100\n2,200\n3,300\n";

/// A file that both, or one of them, have written. `whole` is the table all of whose rows and columns SQLFlow has written, if
/// it is one that the EXPORT reads.
pub(super) fn of_output(
    path: &str,
    theirs: Option<&Vec<u8>>,
    ours: Option<&Vec<u8>>,
    whole: Option<&str>,
) -> Option<Difference> {
    match (theirs, ours) {
        (None, Some(_)) => Some(Difference::known(
            format!("{path}: SQLFlow does not write it"),
            "of several EXPORTs of one table SQLFlow does the last",
        )),
        (Some(_), None) => Some(Difference::unknown(format!("{path}: duckpen does not write it"), "see its EXPORT")),
        (Some(theirs), Some(ours)) => {
            let is_empty = theirs.iter().all(u8::is_ascii_whitespace);
            if lines(theirs) == lines(ours) {
                None
            } else if is_empty {
                let why = "SQLFlow writes formats other than CSV, and results without rows, as empty files";
                Some(Difference::known(format!("{path}: SQLFlow's is empty"), why))
            } else if theirs == MADE_UP {
                let why = "SQLFlow writes made-up rows where it does not find the table of an EXPORT";
                Some(Difference::known(format!("{path}: SQLFlow's are 1, 2, 3 and 100, 200, 300"), why))
            } else if let Some(table) = whole {
                let why = "SQLFlow exports all of a table, whatever the SELECT of the EXPORT says";
                Some(Difference::known(format!("{path}: SQLFlow's has all of the table {table}"), why))
            } else {
                Some(Difference::unknown(format!("{path}: the files differ"), "see the tables they are made of"))
            }
        }
        (None, None) => None,
    }
}

/// What may stand between the cells of a CSV file.
const DELIMITERS: [char; 4] = [',', ';', '|', '\t'];

/// The lines of a CSV file in any order, with cells in one spelling and what stands between them as it is.
fn lines(content: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(content);
    let mut lines: Vec<String> =
        text.lines().map(|line| line.split_inclusive(DELIMITERS).map(part).collect()).collect();
    lines.sort();
    lines
}

/// A cell and the delimiter behind it.
fn part(text: &str) -> String {
    let content = text.trim_end_matches(DELIMITERS);
    cell(content) + &text[content.len()..]
}

/// A number by its value, a truth by its letters, a moment with a blank in it.
fn cell(text: &str) -> String {
    let text = text.trim_matches('"');
    if let Ok(number) = text.parse::<f64>()
        && (!text.starts_with('0') || text.len() == 1 || text.starts_with("0."))
    {
        return format!("{number:.9}");
    }
    match text {
        "True" | "False" => text.to_lowercase(),
        text => text.strip_suffix(" 00:00:00").unwrap_or(text).replacen('T', " ", usize::from(text.len() == 19)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_defects_are_named_and_the_rest_is_left_to_look_at() {
        let theirs = |text: &str| of_failure(&Failure::Theirs { printed: text.to_owned() }).right;
        assert_eq!(theirs("Catalog Error: Scalar Function with name python_func does not exist!"), Right::Duckpen);
        assert_eq!(
            theirs("❌ Pipeline failed: Binder Error: table t has 3 columns but 2 values were supplied"),
            Right::Duckpen
        );
        assert_eq!(
            theirs("❌ Parameter Error at line 1: Unknown parameters for CSV connector: sync_mode, cursor_field"),
            Right::Duckpen
        );
        assert_eq!(theirs("Pipeline failed: something new"), Right::Unknown);
        let why = |printed: &str| of_failure(&Failure::Theirs { printed: printed.to_owned() }).why;
        for (printed, part) in [
            ("❌ Parser Error at line 1: Expected 'TABLE' after 'CREATE' at line 2, column 8", "CREATE OR REPLACE"),
            ("❌ Parser Error at line 1: Expected 'AS' after table name at line 3", "no MODE"),
            ("❌ Parser Error at line 1: Expected 'REPLACE', 'APPEND', or 'MERGE' after 'MODE'", "MERGE_KEYS"),
            ("❌ Parser Error at line 1: Expected 'SELECT' after 'EXPORT' at line 3", "queries only"),
            ("❌ Parser Error at line 1: Expected 'x'", "less of the language"),
            ("Pipeline failed: Parser Error: syntax error at or near", "from its words"),
            ("Error compiling pipeline: Planning error: Cycle 1: CREATE TABLE a → CREATE TABLE a", "no"),
        ] {
            assert!(why(printed).contains(part), "{printed}: {}", why(printed));
        }
        let ours =
            |errors_are_rows| of_failure(&Failure::Ours { message: "step failed".into(), errors_are_rows }).right;
        assert_eq!((ours(true), ours(false)), (Right::Duckpen, Right::Unknown));
        for message in ["error[E0413]: step `t` calls `read_text`", "error[E0102]: unknown statement 'LAOD'"] {
            let failure = Failure::Ours { message: message.into(), errors_are_rows: false };
            assert_eq!(of_failure(&failure).right, Right::Duckpen, "{message}");
        }
        let other = |theirs, ours, texts| OtherValues { name: "x", theirs, ours, texts };
        let (zip, text) = (other("BIGINT", "VARCHAR", Texts::Other), other("VARCHAR", "VARCHAR", Texts::Other));
        for (texts, expected) in [
            (Texts::Lost, Right::Duckpen),
            (Texts::Blanks, Right::Duckpen),
            (Texts::Unresolved, Right::Duckpen),
            (Texts::Other, Right::Unknown),
        ] {
            assert_eq!(of_values("t", &[other("VARCHAR", "VARCHAR", texts)]).right, expected, "{texts:?}");
        }
        assert_eq!(of_values("t", std::slice::from_ref(&zip)).right, Right::Duckpen);
        assert_eq!(of_values("t", &[zip, text]).right, Right::Unknown);
    }

    #[test]
    fn what_sqlflow_leaves_behind_is_known() {
        let sources = ["users_csv".to_owned()];
        for (table, expected) in [
            ("sqlflow_state", true),
            ("users_csv", true),
            ("Users_CSV", true),
            ("doubled_result_1718000000", true),
            ("users", false),
            ("my_result_set", false),
        ] {
            assert_eq!(is_left_behind(table, &sources), expected, "{table}");
        }
    }

    #[test]
    fn files_are_equal_where_their_values_are() {
        for (theirs, ours, equal) in [
            ("a,b\n1,True\n2,\n", "a,b\n2.0,\n1,true\n", true),
            ("a\n2024-01-01 00:00:00\n", "a\n2024-01-01\n", true),
            ("a|b\nTrue|1\n", "a|b\ntrue|1.0\n", true),
            ("a|b\n1|2\n", "a,b\n1,2\n", false),
            ("a\n123\n", "a\n00123\n", false),
            ("a\nx\n", "a\ny\n", false),
        ] {
            let found = of_output("o.csv", Some(&theirs.into()), Some(&ours.into()), None);
            assert_eq!(found.is_none(), equal, "{theirs:?} {ours:?}");
        }
        assert_eq!(
            of_output("o.parquet", Some(&Vec::new()), Some(&b"PAR1".to_vec()), None).map(|found| found.right),
            Some(Right::Duckpen)
        );
        let right = |theirs: Option<&[u8]>, whole: Option<&str>| {
            let theirs = theirs.map(<[u8]>::to_vec);
            of_output("o.csv", theirs.as_ref(), Some(&b"a\n1\n".to_vec()), whole).map(|found| found.right)
        };
        assert_eq!(right(None, None), Some(Right::Duckpen));
        assert_eq!(right(Some(b"a,b\n1,2\n"), None), Some(Right::Unknown));
        assert_eq!(right(Some(b"a,b\n1,2\n"), Some("t")), Some(Right::Duckpen));
        assert_eq!(right(Some(MADE_UP), None), Some(Right::Duckpen));
        assert_eq!(right(Some(b"a\n1.0\n"), Some("t")), None);
    }
}
