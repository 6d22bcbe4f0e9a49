use std::fs::File;
use std::io::{BufRead, BufReader};

use duckpen_database::{Session, quote_identifier, quote_literal};

use crate::{ConnectorError, Format, Setting, SourceFiles, flatten, partitions};

/// Rows of a CSV file that its types are taken from, as DuckDB does.
const SAMPLE_ROWS: u32 = 20_480;

/// How files are read: what a handler decided, for files the host resolved.
#[derive(Debug, Clone)]
pub struct Reader {
    format: Format,
    files: SourceFiles,
    arguments: Vec<String>,
    header: bool,
    columns: Vec<String>,
    /// Whether fields of objects become columns, and how deep.
    flatten: bool,
    max_depth: usize,
    thorough: bool,
}

/// The temporary tables in which DuckDB's CSV reader notes the lines that a [`rejecting`](Reader::rejecting_query) query left
/// out: what is wrong with them, and of which scan and file they are.
pub const REJECTED_LINES: [&str; 2] = ["duckpen_rejected_lines", "duckpen_rejecting_scans"];

impl Reader {
    /// A reader of `files`.
    ///
    /// # Errors
    /// A setting that the format does not have, or of another kind.
    pub fn new(format: Format, settings: &[Setting], files: SourceFiles) -> Result<Self, ConnectorError> {
        let mut reader = Self {
            format,
            files,
            arguments: Vec::new(),
            header: true,
            columns: Vec::new(),
            flatten: false,
            max_depth: flatten::DEPTH,
            thorough: false,
        };
        for setting in settings {
            reader.set(setting)?;
        }
        Ok(reader)
    }

    fn set(&mut self, setting: &Setting) -> Result<(), ConnectorError> {
        let argument = match (self.format, setting.name.as_str()) {
            (Format::Csv, "header") => {
                self.header = setting.flag()?;
                return Ok(());
            }
            (Format::Csv, "delimiter") => format!("delim = {}", setting.literal()?),
            (Format::Csv, "quote") => format!("quote = {}", setting.literal()?),
            (Format::Csv, "encoding") => {
                let encodings = ["utf-8", "latin-1", "utf-16"];
                let name = if setting.text()?.eq_ignore_ascii_case("ascii") { "utf-8" } else { setting.text()? };
                let known = Setting { value: crate::SettingValue::Text(name.to_owned()), ..setting.clone() };
                format!("encoding = {}", known.one_of(&encodings, "utf-8, latin-1, utf-16 or ascii")?)
            }
            (Format::Csv | Format::Json, "compression") => {
                format!("compression = {}", setting.one_of(&["none", "gzip", "zstd"], "none, gzip or zstd")?)
            }
            (Format::Parquet, "columns") => {
                self.columns = setting.texts()?.to_vec();
                return Ok(());
            }
            (Format::Json, "flatten") => {
                self.flatten = setting.flag()?;
                return Ok(());
            }
            (Format::Json, "max_depth") => {
                self.max_depth = usize::try_from(setting.positive()?).unwrap_or(usize::MAX);
                return Ok(());
            }
            (Format::Json, "records") => {
                let kinds = ["auto", "array", "newline_delimited"];
                format!("format = {}", setting.one_of(&kinds, "auto, array or newline_delimited")?)
            }
            _ => return Err(setting.unknown(self.format.name(), "reading")),
        };
        self.arguments.push(argument);
        Ok(())
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The files.
    pub fn files(&self) -> &SourceFiles {
        &self.files
    }

    /// The reader that looks at a whole CSV file before it decides on types, and fills up short rows: slower, for files
    /// that the quick way fails on. None where there is no other way.
    #[must_use]
    pub fn thorough(&self) -> Option<Self> {
        (self.format == Format::Csv && !self.thorough).then(|| Self { thorough: true, ..self.clone() })
    }

    /// A query that reads all rows. Looks at the files where that is needed to know their columns.
    ///
    /// # Errors
    /// When the files are not what the format says.
    pub fn query(&self, session: &Session) -> Result<String, ConnectorError> {
        match self.format {
            Format::Csv => self.csv(session),
            Format::Parquet => {
                let columns: Vec<String> = self.columns.iter().map(|name| quote_identifier(name)).collect();
                let columns = if columns.is_empty() { "*".to_owned() } else { columns.join(", ") };
                Ok(format!("SELECT {columns} FROM {}", self.call("read_parquet", &["union_by_name = true".to_owned()])))
            }
            Format::Json => {
                let query = format!("SELECT * FROM {}", self.call("read_json", &[]));
                if self.flatten { flatten::flattened(session, &query, self.max_depth) } else { Ok(query) }
            }
            // The host reads these itself: none is made a reader for.
            Format::Arrow | Format::Excel => Err(ConnectorError::NotReadable { format: self.format.name() }),
        }
    }

    /// A query that reads the lines of a CSV file that fit, and leaves the others out: those with another number of columns,
    /// and those whose values do not convert. Columns of `wanted` (name and type) have these types; others have those that
    /// the first lines of the file suggest.
    ///
    /// # Errors
    /// When the files are not what the format says.
    pub fn rejecting_query(&self, session: &Session, wanted: &[(String, String)]) -> Result<String, ConnectorError> {
        self.refuse_empty()?;
        let mut dialect = self.dialect();
        let mut guess = dialect.clone();
        guess.extend(["auto_detect = true".to_owned(), "ignore_errors = true".to_owned()]);
        guess.push(format!("sample_size = {SAMPLE_ROWS}"));
        let columns = match session.columns_of(&format!("SELECT * FROM {}", self.call("read_csv", &guess))) {
            Ok(mut columns) => {
                for padded in self.padded_columns(session, &columns, &guess)? {
                    columns
                        .iter_mut()
                        .filter(|(name, _)| *name == padded)
                        .for_each(|(_, kind)| *kind = "VARCHAR".into());
                }
                columns
            }
            // Lines among the first ones that DuckDB can make nothing of: then only the names are known.
            Err(_) => self.header(session, &dialect)?,
        };
        // What folders tell is no column of a file.
        let of_folders = partitions::of_paths(&self.files.paths);
        let in_files = columns.iter().filter(|(name, _)| !of_folders.contains(name));
        let typed = in_files.enumerate().map(|(index, (name, guessed))| {
            let name = if self.header { name.clone() } else { index.to_string() };
            let wanted = wanted.iter().find(|(other, _)| other.eq_ignore_ascii_case(&name));
            let kind = wanted.map_or(guessed, |(_, kind)| kind);
            format!("{}: {}", quote_literal(&name), quote_literal(kind))
        });
        let typed = typed.collect::<Vec<_>>().join(", ");
        let [lines, scans] = REJECTED_LINES;
        dialect.extend([
            "auto_detect = false".to_owned(),
            format!("columns = {{{typed}}}"),
            format!("store_rejects = true, rejects_table = '{lines}', rejects_scan = '{scans}', rejects_limit = 0"),
        ]);
        Ok(format!("SELECT * FROM {}", self.call("read_csv", &dialect)))
    }

    /// The names in the first line, as columns of text.
    fn header(&self, session: &Session, dialect: &[String]) -> Result<Vec<(String, String)>, ConnectorError> {
        let width = self.first_line_width().unwrap_or(1);
        let columns: Vec<String> = (0..width).map(|number| format!("'{number}': 'VARCHAR'")).collect();
        let mut raw: Vec<String> = dialect.iter().filter(|argument| !argument.starts_with("header")).cloned().collect();
        raw.extend([
            "header = false".to_owned(),
            "auto_detect = false".to_owned(),
            "ignore_errors = true".to_owned(),
            format!("columns = {{{}}}", columns.join(", ")),
        ]);
        let first = session.query(&format!("SELECT * FROM {} LIMIT 1", self.call("read_csv", &raw)))?;
        let names = first.iter().next().unwrap_or_default();
        Ok(names.iter().map(|name| (name.to_string(), "VARCHAR".to_owned())).collect())
    }

    fn call(&self, function: &str, further: &[String]) -> String {
        let files: Vec<String> =
            self.files.paths.iter().map(|path| quote_literal(&path.display().to_string())).collect();
        let mut arguments = vec![format!("[{}]", files.join(", "))];
        arguments.extend(self.arguments.iter().cloned());
        arguments.extend(further.iter().cloned());
        format!("{function}({})", arguments.join(", "))
    }

    /// The dialect is what the settings say, never guessed; only types are found out.
    fn csv(&self, session: &Session) -> Result<String, ConnectorError> {
        self.refuse_empty()?;
        let mut dialect = self.dialect();
        dialect.push("auto_detect = true".to_owned());
        if self.thorough {
            dialect.extend(["null_padding = true".to_owned(), "parallel = false".to_owned()]);
        }
        let sampled =
            if self.thorough { "sample_size = -1".to_owned() } else { format!("sample_size = {SAMPLE_ROWS}") };
        dialect.push(sampled);
        let columns = session
            .columns_of(&format!("SELECT * FROM {}", self.call("read_csv", &dialect)))
            .map_err(|error| self.first_bad_row(session, &dialect).unwrap_or(error))?;
        let padded = self.padded_columns(session, &columns, &dialect)?;
        let of_folders = partitions::of_paths(&self.files.paths);
        let (in_folders, in_files): (Vec<_>, Vec<_>) = padded.into_iter().partition(|name| of_folders.contains(name));
        for (argument, names) in [("types", in_files), ("hive_types", in_folders)] {
            if !names.is_empty() {
                let kept: Vec<String> =
                    names.iter().map(|name| format!("{}: 'VARCHAR'", quote_literal(name))).collect();
                dialect.push(format!("{argument} = {{{}}}", kept.join(", ")));
            }
        }
        let call = self.call("read_csv", &dialect);
        if self.header {
            return Ok(format!("SELECT * FROM {call}"));
        }
        let numbered: Vec<String> = (0..columns.len()).map(|index| quote_identifier(&index.to_string())).collect();
        Ok(format!("SELECT * FROM {call} AS t({})", numbered.join(", ")))
    }

    fn refuse_empty(&self) -> Result<(), ConnectorError> {
        let place = &self.files.place;
        for path in &self.files.paths {
            let file = std::fs::metadata(path).map_err(|error| ConnectorError::io(place, error))?;
            if file.len() == 0 {
                return Err(ConnectorError::Empty { place: place.clone() });
            }
        }
        Ok(())
    }

    fn dialect(&self) -> Vec<String> {
        let mut dialect = vec![format!("header = {}", self.header), "skip = 0".to_owned()];
        for (name, standard) in [("delim", "','"), ("quote", "'\"'")] {
            if !self.arguments.iter().any(|argument| argument.starts_with(name)) {
                dialect.push(format!("{name} = {standard}"));
            }
        }
        dialect.push("escape = '\"'".to_owned());
        dialect
    }

    fn first_line_width(&self) -> Option<usize> {
        let mut first_line = String::new();
        BufReader::new(File::open(self.files.paths.first()?).ok()?).read_line(&mut first_line).ok()?;
        let delimiter = self.text_argument("delim").unwrap_or_else(|| ",".to_owned());
        Some(first_line.matches(&delimiter).count() + 1)
    }

    /// The error of the first row that does not fit the others. Where DuckDB finds no way to read a file it only says what
    /// it has tried, so the rows are read once more with the columns that the first line has.
    fn first_bad_row(&self, session: &Session, dialect: &[String]) -> Option<duckpen_database::Error> {
        let columns: Vec<String> =
            (0..self.first_line_width()?).map(|number| format!("c{number}: 'VARCHAR'")).collect();
        let mut fixed: Vec<String> = dialect
            .iter()
            .filter(|argument| !argument.starts_with("auto_detect") && !argument.starts_with("sample_size"))
            .cloned()
            .collect();
        fixed.extend(["auto_detect = false".to_owned(), format!("columns = {{{}}}", columns.join(", "))]);
        session.query(&format!("SELECT count(*) FROM {}", self.call("read_csv", &fixed))).err()
    }

    fn text_argument(&self, name: &str) -> Option<String> {
        let argument = self.arguments.iter().find(|argument| argument.starts_with(name))?;
        Some(argument.split_once("= '")?.1.trim_end_matches('\'').to_owned())
    }

    /// Numbers with leading zeros are codes, not quantities: such columns are read as text.
    fn padded_columns(
        &self,
        session: &Session,
        columns: &[(String, String)],
        dialect: &[String],
    ) -> Result<Vec<String>, ConnectorError> {
        let whole: Vec<&str> = columns
            .iter()
            .filter(|(_, kind)| kind == "BIGINT" || kind == "HUGEINT")
            .map(|(name, _)| name.as_str())
            .collect();
        if whole.is_empty() {
            return Ok(Vec::new());
        }
        let mut as_text = dialect.to_vec();
        as_text.push("all_varchar = true".to_owned());
        let padded = |name: &&str| {
            let name = quote_identifier(name);
            format!("coalesce(bool_or(regexp_matches({name}, '^[+-]?0[0-9]')), false)")
        };
        let limit = if self.thorough { String::new() } else { format!(" LIMIT {SAMPLE_ROWS}") };
        let rows = session.query(&format!(
            "SELECT {} FROM (SELECT * FROM {}{limit})",
            whole.iter().map(padded).collect::<Vec<_>>().join(", "),
            self.call("read_csv", &as_text),
        ))?;
        let found = rows.iter().next().unwrap_or_default();
        let padded = whole
            .iter()
            .zip(found)
            .filter(|(_, value)| **value == duckpen_database::Value::Boolean(true))
            .map(|(name, _)| (*name).to_owned());
        Ok(padded.collect())
    }
}
