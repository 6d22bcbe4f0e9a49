//! One pipeline run by both tools, each in a copy of the project, and what came of it compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use duckpen_database::{Database, Options, Session, Value as DatabaseValue, quote_identifier, quote_literal};
use serde_json::{Value, json};

use super::MigrateOptions;
use super::differences::{self, Difference, Failure, OtherValues, Right, Texts};
use super::peer::Peer;
use crate::abort::Abort;
use crate::workbench::Workbench;

/// Where the copies are, in the project. They stay, to be looked at.
const COPIES: &str = "migrate";

/// The database of each copy.
const DATABASE: &str = "migrate.duckdb";

/// What is not copied, and is no output.
const LEFT_OUT: [&str; 5] = ["target", "node_modules", "__pycache__", "venv", "profiles"];

/// What came of running one pipeline twice.
pub(super) struct Comparison {
    /// Tables and outputs in which both agree.
    equal: usize,
    /// Tables that SQLFlow leaves behind and that are no results of the pipeline.
    left_behind: Vec<String>,
    differences: Vec<Difference>,
}

impl Comparison {
    /// Whether duckpen is right wherever they differ.
    pub(super) fn is_right(&self) -> bool {
        self.differences.iter().all(|difference| difference.right == Right::Duckpen)
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let equal = format!("both tools: {} equal, {} different", self.equal, self.differences.len());
        let left = (!self.left_behind.is_empty())
            .then(|| format!("SQLFlow leaves tables behind that are no results: {}", self.left_behind.join(", ")));
        [equal].into_iter().chain(left).chain(self.differences.iter().map(Difference::line)).collect()
    }

    pub(super) fn document(&self) -> Value {
        json!({
            "equal": self.equal,
            "left_behind": self.left_behind,
            "differences": self.differences.iter().map(Difference::document).collect::<Vec<_>>(),
        })
    }
}

/// What is known of a pipeline by its plan.
#[derive(Default)]
pub(super) struct Subject {
    /// The names of its sources.
    pub(super) sources: Vec<String>,
    /// The destinations of its EXPORTs, and the tables that each reads.
    pub(super) exports: Vec<(String, Vec<String>)>,
}

/// Runs a pipeline with both tools.
pub(super) fn run(
    workbench: &Workbench,
    peer: &Peer,
    options: &MigrateOptions,
    pipeline: &str,
    subject: &Subject,
) -> Result<Comparison, Abort> {
    let root = workbench.project.files.root();
    let target = workbench.project.files.in_target("");
    let folder = workbench.project.files.in_target(COPIES).join(pipeline.replace('/', "_"));
    if folder.exists() {
        fs::remove_dir_all(&folder).context("the copies of the last check cannot be removed")?;
    }
    let (old, new) = (folder.join("sqlflow"), folder.join("duckpen"));
    for copy in [&old, &new] {
        copy_folder(root, &target, copy).context("the project cannot be copied")?;
    }
    write_profile(&old, &options.profile).context("the profile of the copy cannot be written")?;
    let before = files(&old).context("the copy cannot be listed")?;

    let theirs = peer.run(&old, pipeline, &options.profile, &options.vars).context("SQLFlow cannot be run")?;
    let ours = run_duckpen(&new, pipeline, options).context("duckpen cannot be run")?;
    let (old_database, new_database) = (old.join(DATABASE), new.join(DATABASE));
    let mut comparison = Comparison { equal: 0, left_behind: Vec::new(), differences: Vec::new() };
    let tables = Tables::open(&old_database, &new_database)?;
    match (theirs.succeeded, ours.is_none()) {
        (true, true) => {}
        (false, false) => {
            comparison.equal += 1;
            return Ok(comparison);
        }
        (true, false) => {
            let errors_are_rows = tables.theirs.values().any(|columns| differences::is_error_table(columns));
            let failure = Failure::Ours { message: ours.unwrap_or_default(), errors_are_rows };
            comparison.differences.push(differences::of_failure(&failure));
            return Ok(comparison);
        }
        (false, true) => {
            comparison.differences.push(differences::of_failure(&Failure::Theirs { printed: theirs.printed }));
            return Ok(comparison);
        }
    }
    tables.compare(&subject.sources, &mut comparison)?;
    compare_outputs(&Copies { old: &old, new: &new, before: &before }, subject, &tables, &mut comparison)?;
    Ok(comparison)
}

/// Runs the pipeline with this very command. Returns why it failed.
fn run_duckpen(folder: &Path, pipeline: &str, options: &MigrateOptions) -> std::io::Result<Option<String>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["run", pipeline, "--profile", &options.profile, "--quiet", "--project"]).arg(folder);
    command.arg("--database").arg(folder.join(DATABASE));
    for text in &options.vars {
        command.args(["--vars", text]);
    }
    let output = command.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().find(|line| line.contains("error")).unwrap_or_default();
    Ok((!output.status.success()).then(|| first.to_owned()))
}

/// Copies what the project is made of.
fn copy_folder(from: &Path, target: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        let is_left_out = LEFT_OUT.iter().any(|left_out| *left_out == shown && shown != "profiles");
        // Copies are not copied into themselves.
        let is_left_out = is_left_out || entry.path() == target;
        if is_left_out || shown.starts_with('.') && shown != ".env" {
            continue;
        }
        match entry.file_type()? {
            kind if kind.is_dir() => copy_folder(&entry.path(), target, &to.join(&name))?,
            kind if kind.is_file() => {
                fs::copy(entry.path(), to.join(&name))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The profile with a database that is kept. JSON is YAML.
fn write_profile(folder: &Path, profile: &str) -> anyhow::Result<()> {
    let path = folder.join("profiles").join(format!("{profile}.yml"));
    let text = fs::read_to_string(&path).unwrap_or_default();
    let read: Option<Value> = serde_saphyr::from_str(&text).unwrap_or_default();
    let mut document = read.filter(Value::is_object).unwrap_or_else(|| json!({}));
    document["engines"] = json!({ "duckdb": { "mode": "persistent", "path": folder.join(DATABASE) } });
    fs::create_dir_all(folder.join("profiles"))?;
    fs::write(path, document.to_string())?;
    Ok(())
}

/// Files of a folder with their contents' sizes and times, to find those that a run has written.
fn files(folder: &Path) -> std::io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            let name = entry.file_name();
            let shown = name.to_string_lossy();
            if LEFT_OUT.contains(&&*shown) || shown.starts_with(['.']) || shown.starts_with(DATABASE) {
                continue;
            }
            match entry.file_type()? {
                kind if kind.is_dir() => folders.push(entry.path()),
                _ => {
                    let path = entry.path();
                    let relative = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                    found.insert(relative, fs::read(&path)?);
                }
            }
        }
    }
    Ok(found)
}

/// The copies that the tools ran in, and the files that were there before.
struct Copies<'a> {
    old: &'a Path,
    new: &'a Path,
    before: &'a BTreeMap<PathBuf, Vec<u8>>,
}

fn compare_outputs(
    Copies { old, new, before }: &Copies<'_>,
    subject: &Subject,
    tables: &Tables,
    comparison: &mut Comparison,
) -> Result<(), Abort> {
    let written = |folder: &Path| -> Result<BTreeMap<PathBuf, Vec<u8>>, Abort> {
        let all = files(folder).context("what was written cannot be listed")?;
        Ok(all.into_iter().filter(|(path, content)| before.get(path) != Some(content)).collect())
    };
    let (theirs, ours) = (written(old)?, written(new)?);
    let paths: BTreeSet<&PathBuf> = theirs.keys().chain(ours.keys()).collect();
    for path in paths {
        let whole =
            subject.exports.iter().find(|(place, _)| is_same_place(place, path)).and_then(|(_, reads)| {
                reads.iter().find(|table| tables.is_whole(table, &old.join(path), &new.join(path)))
            });
        match differences::of_output(
            &path.to_string_lossy(),
            theirs.get(path),
            ours.get(path),
            whole.map(String::as_str),
        ) {
            None => comparison.equal += 1,
            Some(difference) => comparison.differences.push(difference),
        }
    }
    Ok(())
}

/// Whether a destination, as it is written, is a path within the project.
fn is_same_place(place: &str, path: &Path) -> bool {
    Path::new(place).components().filter(|part| *part != std::path::Component::CurDir).eq(path.components())
}

/// Both databases, and the columns of their tables: names and types.
struct Tables {
    session: Session,
    theirs: BTreeMap<String, Vec<(String, String)>>,
    ours: BTreeMap<String, Vec<(String, String)>>,
}

impl Tables {
    fn open(theirs: &Path, ours: &Path) -> Result<Self, Abort> {
        let database = Database::open(Options::in_memory()).context("no database to compare in")?;
        let session = database.connect().context("no connection to compare in")?;
        let mut columns = Vec::new();
        for (name, path) in [("theirs", theirs), ("ours", ours)] {
            if !path.exists() {
                columns.push(BTreeMap::new());
                continue;
            }
            let place = quote_literal(&path.display().to_string());
            session.execute(&format!("ATTACH {place} AS {name} (READ_ONLY)")).context("a database cannot be opened")?;
            columns.push(columns_of(&session, name)?);
        }
        let (ours, theirs) = (columns.pop().unwrap_or_default(), columns.pop().unwrap_or_default());
        Ok(Self { session, theirs, ours })
    }

    /// Whether SQLFlow's file has all of its table, and ours has not.
    fn is_whole(&self, table: &str, theirs: &Path, ours: &Path) -> bool {
        let found = self.theirs.iter().find(|(name, _)| name.eq_ignore_ascii_case(table));
        let Some((name, columns)) = found else { return false };
        let shape = |relation: &str| {
            let rows = self.session.query(&format!("SELECT count(*) FROM {relation}")).ok()?;
            let columns = self.session.columns_of(&format!("SELECT * FROM {relation}")).ok()?;
            let columns: Vec<String> = columns.into_iter().map(|(name, _)| name).collect();
            rows.first().map(|count| (count.to_string(), columns))
        };
        let file = |path: &Path| {
            shape(&format!(
                "read_csv({}, header = true, all_varchar = true)",
                quote_literal(&path.display().to_string())
            ))
        };
        let (theirs, ours) = (file(theirs), file(ours));
        theirs.is_some()
            && theirs.as_ref().is_some_and(|(_, found)| *found == differences::names(columns))
            && theirs == shape(&format!("theirs.main.{}", quote_identifier(name)))
            && theirs != ours
    }

    fn compare(&self, sources: &[String], comparison: &mut Comparison) -> Result<(), Abort> {
        let names: BTreeSet<&String> = self.theirs.keys().chain(self.ours.keys()).collect();
        for name in names {
            if !self.ours.contains_key(name) && differences::is_left_behind(name, sources) {
                comparison.left_behind.push(name.clone());
                continue;
            }
            let difference = match (self.theirs.get(name), self.ours.get(name)) {
                (Some(theirs), Some(ours)) if differences::names(theirs) != differences::names(ours) => {
                    Some(differences::of_columns(name, theirs, ours))
                }
                (Some(theirs), Some(ours)) => self.compare_rows(name, theirs, ours)?,
                (theirs, _) => Some(differences::of_missing_table(name, theirs.is_none())),
            };
            match difference {
                None => comparison.equal += 1,
                Some(difference) => comparison.differences.push(difference),
            }
        }
        Ok(())
    }

    fn compare_rows(
        &self,
        name: &str,
        theirs: &[(String, String)],
        ours: &[(String, String)],
    ) -> Result<Option<Difference>, Abort> {
        let table = quote_identifier(name);
        let columns = |side: &str, of: Option<&str>| {
            let shown = theirs.iter().zip(ours).filter(|((column, _), _)| of.is_none_or(|of| of == column));
            let shown = shown.map(|((column, old), (_, new))| comparable(column, old, new));
            format!("SELECT {} FROM {side}.main.{table}", shown.collect::<Vec<_>>().join(", "))
        };
        let count = |query: &str| -> Result<i128, Abort> {
            let rows = self.session.query(query).context("the tables cannot be compared")?;
            Ok(match rows.first() {
                Some(DatabaseValue::Integer(count)) => *count,
                _ => 0,
            })
        };
        let different = |of: Option<&str>| {
            let (old, new) = (columns("theirs", of), columns("ours", of));
            count(&format!(
                "SELECT (SELECT count(*) FROM ({old} EXCEPT ALL {new})) + (SELECT count(*) FROM ({new} EXCEPT ALL {old}))"
            ))
        };
        if different(None)? == 0 {
            return Ok(None);
        }
        let rows = |side: &str| count(&format!("SELECT count(*) FROM {side}.main.{table}"));
        let (old_rows, new_rows) = (rows("theirs")?, rows("ours")?);
        if old_rows != new_rows {
            return Ok(Some(differences::of_counts(name, old_rows, new_rows)));
        }
        let mut wrong = Vec::new();
        for ((column, old), (_, new)) in theirs.iter().zip(ours) {
            if different(Some(column))? != 0 {
                let texts = if new != "VARCHAR" {
                    Texts::Other
                } else if count(&lost_texts(name, column))? == 0 {
                    Texts::Lost
                } else if count(&other_but_for_blanks(name, column))? == 0 {
                    Texts::Blanks
                } else if count(&resolved_texts(name, column))? == 0 {
                    Texts::Unresolved
                } else {
                    Texts::Other
                };
                wrong.push(OtherValues { name: column, theirs: old, ours: new, texts });
            }
        }
        Ok(Some(differences::of_values(name, &wrong)))
    }
}

/// Queries for a column of SQLFlow's table and of ours: `value` of its texts, which are called `v`.
fn both_sides(table: &str, column: &str, value: &str) -> (String, String) {
    let (table, column) = (quote_identifier(table), quote_identifier(column));
    let side = |side: &str| {
        format!("SELECT {value} AS v FROM (SELECT CAST({column} AS VARCHAR) AS v FROM {side}.main.{table})")
    };
    (side("theirs"), side("ours"))
}

/// Counts the values of a column that only one side has, but for NULL in SQLFlow and, in duckpen, texts that pandas takes for
/// nothing.
fn lost_texts(table: &str, column: &str) -> String {
    const NOTHING: &str = "'#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN', '<NA>', \
                           'N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan', 'null'";
    let (theirs, ours) = both_sides(table, column, "v");
    format!(
        "SELECT (SELECT count(*) FROM ({theirs} EXCEPT ALL {ours}) WHERE v IS NOT NULL) \
         + (SELECT count(*) FROM ({ours} EXCEPT ALL {theirs}) WHERE v IS NULL OR v NOT IN ({NOTHING}))"
    )
}

/// Counts the values of a column that only SQLFlow has and in which it has resolved all variables.
fn resolved_texts(table: &str, column: &str) -> String {
    let (theirs, ours) = both_sides(table, column, "v");
    format!("SELECT count(*) FROM ({theirs} EXCEPT ALL {ours}) WHERE v IS NULL OR NOT contains(v, '${{')")
}

/// Counts the values of a column that only one side has, blanks left out.
fn other_but_for_blanks(table: &str, column: &str) -> String {
    let (theirs, ours) = both_sides(table, column, "regexp_replace(v, '\\s', '', 'g')");
    format!(
        "SELECT (SELECT count(*) FROM ({theirs} EXCEPT ALL {ours})) + (SELECT count(*) FROM ({ours} EXCEPT ALL {theirs}))"
    )
}

fn columns_of(session: &Session, database: &str) -> Result<BTreeMap<String, Vec<(String, String)>>, Abort> {
    let rows = session
        .query(&format!(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = '{database}' \
             AND schema_name = 'main' AND NOT internal ORDER BY table_name, column_index"
        ))
        .context("the tables cannot be listed")?;
    let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in rows.iter() {
        let (table, column, kind) = (row[0].to_string(), row[1].to_string(), row[2].to_string());
        tables.entry(table).or_default().push((column, kind));
    }
    Ok(tables)
}

/// A column as something that is equal on both sides where its values are: numbers by value, moments by time.
fn comparable(column: &str, theirs: &str, ours: &str) -> String {
    let column = quote_identifier(column);
    let is_moment = |kind: &str| kind.starts_with("DATE") || kind.starts_with("TIMESTAMP");
    if differences::is_number(theirs) && differences::is_number(ours) {
        format!("CAST({column} AS DOUBLE)")
    } else if is_moment(theirs) || is_moment(ours) {
        format!("coalesce(CAST(TRY_CAST({column} AS TIMESTAMP) AS VARCHAR), CAST({column} AS VARCHAR))")
    } else {
        format!("CAST({column} AS VARCHAR)")
    }
}
