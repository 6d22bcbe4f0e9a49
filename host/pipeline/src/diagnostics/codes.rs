use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($variant:ident $code:literal $title:literal $explanation:literal)*) => {
        /// The kinds of findings. A code never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// All codes, in order.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// As printed, such as `E0201`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// A few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }

            /// What it means and how to put it right.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    Expected "E0101" "something else was expected"
        "A statement is incomplete or its parts are in the wrong order. The message says what has to stand at the caret."
    UnknownStatement "E0102" "a statement that the language does not have"
        "A pipeline consists of SOURCE, LOAD, CREATE TABLE, CREATE VIEW, EXPORT, TEST, SET, INCLUDE and IF. Other SQL statements \
         cannot be run: write a change of data as CREATE OR REPLACE TABLE ... AS SELECT ..., or as a LOAD with a mode."
    Unterminated "E0103" "a string or comment without an end"
        "A string, quoted name, dollar-quoted text or block comment is opened and never closed. Within a string, a quote is \
         written twice: 'it''s'. Block comments nest."
    Json "E0104" "PARAMS or OPTIONS are not a JSON object"
        "PARAMS and OPTIONS take a JSON object: names and texts in double quotes, a comma between members. A comma after \
         the last member is allowed, and a variable may stand for a value: {\"limit\": ${n}}."
    Mode "E0105" "a wrong MODE"
        "LOAD knows REPLACE, APPEND and UPSERT KEY (...). CREATE TABLE knows the same and INCREMENTAL BY column \
         [LOOKBACK 2 DAYS]. Only UPSERT has keys, only INCREMENTAL has a time column and a lookback."
    Semicolon "E0106" "a missing semicolon"
        "Every statement ends with a semicolon. The caret stands where one is missing: after the last word of a statement, and \
         before the first word of the next."
    SourceForms "E0107" "two forms of SOURCE mixed"
        "SOURCE name TYPE connector PARAMS {...} defines a source in full; SOURCE name FROM \"connector\" OPTIONS {...} \
         takes a connector of the profile. TYPE goes with PARAMS, FROM goes with OPTIONS."
    Nesting "E0108" "nested too deeply"
        "IF blocks, conditions and JSON values can be nested 100 deep, includes 50. Join conditions with AND and OR, use ELSEIF \
         for further cases, and name intermediate results with SET."
    Unsupported "E0109" "SQL that a pipeline step cannot be"
        "TEMP tables, IF NOT EXISTS and column lists have no meaning in a pipeline: a step makes its table what its query \
         says on every run, and other steps must be able to see it."
    Test "E0120" "a malformed TEST"
        "A TEST says what must hold of a table: TEST orders NOT NULL (id), TEST orders UNIQUE (id), TEST orders (status) IN \
         ('new', 'paid'), TEST orders (customer_id) REFERENCES customers (id), or TEST name AS SELECT ... with a query that \
         must find no row. With SEVERITY WARN the run goes on when it does not hold."
    LoadOption "E0121" "a wrong option of LOAD"
        "The options of LOAD are on_schema_change (fail, or a list of add_columns and widen) and rejects (the name of a \
         table for the rows that cannot be converted)."
    UndefinedVariable "E0201" "an undefined variable"
        "A variable has a value from, in this order: --vars, the profile, SET, the environment, its default in \
         ${name|default}. None of them has one."
    VariableDefault "E0202" "a default with blanks and without quotes"
        "A default that contains blanks has to be quoted: ${region|\"us east\"}."
    VariablePlace "E0203" "a value that cannot stand here"
        "In SQL a value is written as its place demands: a literal in an expression, text inside quotes, a quoted name \
         where only a name can stand. Some values fit a place in no way, such as NULL as the name of a table."
    VariableSyntax "E0204" "a malformed variable"
        "A variable is written ${name} or ${name|default}; names consist of letters, digits, `_`, `-` and `.`."
    Calculation "E0205" "a calculation that has no result"
        "SET calculates with + - * / % where they stand between blanks, and joins texts with ||. Nothing can be divided by \
         zero."
    ConditionSyntax "E0301" "a malformed condition"
        "A condition compares values with == != < <= > >=, IN, NOT IN, IS NULL, joined by AND, OR, NOT and parentheses."
    SingleEquals "E0302" "= in a condition"
        "Use '==' for equality, not '=': the single one gives a value in SET."
    ConditionType "E0303" "a condition that is neither true nor false"
        "A condition has to come out as true or false, and < <= > >= compare two numbers, two dates or two texts."
    DuplicateSource "E0401" "a source defined twice"
        "Every SOURCE needs a name of its own, letters of either case being equal. To load two files into one table, define two \
         sources and LOAD the second with MODE APPEND, or give one source a pattern such as \"data/*.csv\"."
    UndefinedSource "E0402" "LOAD from a source that is not defined"
        "LOAD takes its rows from a SOURCE of the pipeline or of a file it includes: define one, or correct the name."
    DuplicateTable "E0403" "a table defined twice"
        "CREATE TABLE makes a new table. To replace one that an earlier step makes, write CREATE OR REPLACE TABLE; to add \
         to it, give a MODE."
    MisspeltTable "E0404" "a table that nothing defines, with a name like one that is"
        "A query reads a table that neither the pipeline nor the database has, and its name is almost that of one they do. \
         Correct the name; where the table is made by another pipeline, run that one first, on the same database."
    Cycle "E0405" "steps that need each other"
        "The query of each step in the circle reads what the next one makes, so none can be first. Break it: let one of them read \
         what comes before the circle, or make the table in two steps with different names."
    TableAndView "E0406" "a name that is a table in one step and a view in another"
        "A view has no rows to add to, and DuckDB does not replace a table by a view or the other way round. Give one of the \
         two another name."
    Sql "E0407" "SQL that DuckDB cannot parse"
        "The query is DuckDB's own SQL, and has to be one SELECT (WITH, FROM and VALUES are such, too). The message is that of \
         its parser; the caret is where it gave up, which is often just after the mistake."
    SyncMode "E0408" "a wrong combination of sync_mode and other parameters"
        "sync_mode is full_refresh, incremental or cdc. incremental needs a cursor_field; full_refresh cannot have one."
    UnknownConnector "E0409" "a connector that the profile does not have"
        "FROM \"name\" in a SOURCE, and EXPORT ... TO name, take a connector from the section `connectors` of the profile."
    ConnectorVariable "E0410" "a connector whose variables have no value"
        "The profile refers to a variable, such as ${PG_PASSWORD}, that neither its own section `variables` nor the \
         environment defines."
    ExportType "E0411" "an EXPORT whose type is not known"
        "Give TYPE, or a destination whose extension tells it: .csv, .parquet, .json."
    IncludeMissing "E0501" "a file that cannot be included"
        "The path of an INCLUDE is relative to the file that has it, and stays within the project."
    IncludeCycle "E0502" "files that include each other"
        "A file cannot include itself, directly or through others. Put what both need into a third file."
    ProfileSyntax "E0601" "a profile that is not YAML"
        "The profile cannot be read as YAML: look at the line that the message names for a missing colon, quote or bracket, and \
         at the indentation."
    ProfileShape "E0602" "a profile of the wrong shape"
        "A profile has the sections engines, variables, connectors, paths and log_level; the message shows their shape."
    UnusedSource "W0401" "a source that nothing reads"
        "Nothing loads the source and no query reads it. The SOURCE can go, or a LOAD is missing."
    ExternalTable "W0402" "a table that no step defines"
        "The pipeline expects to find it in the database, where an earlier run or another pipeline has left it. If it is not \
         there, the step fails. If this pipeline should make it, a LOAD or CREATE TABLE is missing."
    UsedBeforeSet "W0403" "a variable used before its SET"
        "The value of the SET further down is taken. Move the SET up."
    SameDestination "W0404" "two exports to one destination"
        "The later one overwrites what the earlier one wrote: give them different destinations, or remove one."
    ReplaceWithMode "W0405" "OR REPLACE beside a mode that keeps rows"
        "CREATE OR REPLACE TABLE begins anew; MODE APPEND, UPSERT and INCREMENTAL go on with what is there. With both, the \
         mode counts."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text)).ok_or(UnknownCode)
    }
}

/// There is no such code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such code; they look like E0201")]
pub struct UnknownCode;

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
