use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use duckdb::ffi;

use crate::aggregate::{self, Exclusions};
use crate::database::Handle;
use crate::lockdown::forbidden_kind;
use crate::rows::{QueryResult, Rows};
use crate::strings::{borrowed, c_string, owned};
use crate::types::{LogicalType, TypeHandle};
use crate::{Error, quote_identifier, quote_literal};

/// A connection. It runs one statement at a time; make one for each thing that is to run at once.
pub struct Session {
    connection: Arc<Connection>,
}

struct Connection {
    raw: ffi::duckdb_connection,
    cancelled: AtomicBool,
    // Keeps the database open for as long as the connection lives.
    database: Arc<Handle>,
}

// SAFETY: DuckDB's connections lock inside; the only call made while another thread runs a statement is
// `duckdb_interrupt`, which is meant for that.
#[expect(unsafe_code)]
unsafe impl Send for Connection {}
// SAFETY: as above.
#[expect(unsafe_code)]
unsafe impl Sync for Connection {}

impl Drop for Connection {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: opened for us and disconnected once.
        unsafe { ffi::duckdb_disconnect(&mut self.raw) }
    }
}

/// Stops what a session is running, from another thread.
#[derive(Clone)]
pub struct Interrupt {
    connection: Arc<Connection>,
}

impl Interrupt {
    /// Stops the statement that is running, and refuses every later one. DuckDB forgets an interruption that arrives
    /// between two statements, so whoever waits for the session to end calls this again until it has.
    #[expect(unsafe_code)]
    pub fn trigger(&self) {
        self.connection.cancelled.store(true, Ordering::SeqCst);
        // SAFETY: the connection is live, and this call may come from any thread.
        unsafe { ffi::duckdb_interrupt(self.connection.raw) }
    }
}

impl Session {
    pub(crate) fn new(raw: ffi::duckdb_connection, database: Arc<Handle>) -> Self {
        Self { connection: Arc::new(Connection { raw, cancelled: AtomicBool::new(false), database }) }
    }

    pub(crate) fn raw(&self) -> ffi::duckdb_connection {
        self.connection.raw
    }

    /// What statements are looked at for.
    pub(crate) fn exclusions(&self) -> &RwLock<Exclusions> {
        &self.connection.database.exclusions
    }

    /// A handle by which another thread can stop this session.
    pub fn interrupt(&self) -> Interrupt {
        Interrupt { connection: Arc::clone(&self.connection) }
    }

    fn check_cancelled(&self) -> Result<(), Error> {
        if self.connection.cancelled.load(Ordering::SeqCst) { Err(Error::Interrupted) } else { Ok(()) }
    }

    /// Runs statements of the host's own and returns the rows the last one changed, made or copied.
    ///
    /// # Errors
    /// [`Error::Query`] with DuckDB's words; [`Error::Interrupted`].
    pub fn execute(&self, sql: &str) -> Result<u64, Error> {
        let mut result = self.run(sql)?;
        match result.rows_changed() {
            // CREATE TABLE AS and COPY answer with the number as a row.
            0 => Ok(result.count()),
            changed => Ok(changed),
        }
    }

    /// Whether a view of this name is in the database.
    ///
    /// # Errors
    /// Those of the statement.
    pub fn is_view(&self, schema: Option<&str>, name: &str) -> Result<bool, Error> {
        // Not `information_schema`, which looks through the whole catalog: 5 ms instead of 0.7 on the machine this was
        // tried on.
        let found = self.query_as_is(&format!(
            "SELECT 1 FROM duckdb_views() WHERE NOT internal AND database_name = current_database() \
             AND lower(schema_name) = lower({}) AND lower(view_name) = lower({}) LIMIT 1",
            quote_literal(schema.unwrap_or("main")),
            quote_literal(name),
        ))?;
        Ok(!found.is_empty())
    }

    /// Runs a query whose columns are all of a kind that [`Rows`] reads.
    pub(crate) fn query_as_is(&self, sql: &str) -> Result<Rows, Error> {
        self.run(sql)?.into_rows()
    }

    /// Runs a query of the host's own and returns all its rows.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub fn query(&self, sql: &str) -> Result<Rows, Error> {
        self.check_cancelled()?;
        let statements = Statements::extract(self, sql)?;
        if statements.count == 1
            && let Some(readable) = statements.prepare(self, 0)?.readable_query(sql)
        {
            return self.run_readable(&readable);
        }
        self.run(sql)?.into_rows()
    }

    /// Runs text of a stranger: every statement is looked at before it runs, and none may leave the database.
    /// Returns the rows of the last one.
    ///
    /// # Errors
    /// [`Error::Forbidden`] names the kind of statement; otherwise as [`execute`](Self::execute).
    pub fn query_untrusted(&self, sql: &str) -> Result<Rows, Error> {
        self.check_cancelled()?;
        let statements = Statements::extract(self, sql)?;
        let mut rows = Rows::none();
        for index in 0..statements.count {
            // A statement may need what the one before it made, so each is prepared when its turn has come.
            let prepared = statements.prepare(self, index)?;
            if let Some(what) = forbidden_kind(prepared.kind()) {
                return Err(Error::Forbidden { what: what.to_owned() });
            }
            rows = match prepared.readable_query(sql) {
                Some(readable) if statements.count == 1 => self.run_readable(&readable)?,
                _ => self.run_prepared(&prepared)?.into_rows()?,
            };
        }
        Ok(rows)
    }

    fn run_readable(&self, readable: &Readable) -> Result<Rows, Error> {
        Ok(self.run(&readable.query)?.into_rows()?.with_decimals(&readable.decimals))
    }

    fn run_prepared(&self, prepared: &Prepared) -> Result<QueryResult, Error> {
        self.check_cancelled()?;
        aggregate::planned();
        let mut result = QueryResult::empty();
        // SAFETY: the statement was prepared on this live connection; the result is ours to destroy.
        #[expect(unsafe_code)]
        let state = unsafe { ffi::duckdb_execute_prepared(prepared.0, result.as_mut_ptr()) };
        finished(state, result)
    }

    /// The names and types of the columns a query would have, in its order, types in DuckDB's spelling.
    ///
    /// # Errors
    /// [`Error::Query`] when the query does not bind.
    pub fn columns_of(&self, query: &str) -> Result<Vec<(String, String)>, Error> {
        self.describe(&format!("DESCRIBE {query}"))
    }

    /// The columns of a table or view of the main schema; none when it does not exist.
    ///
    /// # Errors
    /// Those of the statements.
    pub fn columns_of_table(&self, schema: Option<&str>, name: &str) -> Result<Option<Vec<(String, String)>>, Error> {
        let path = format!("{}.{}", quote_identifier(schema.unwrap_or("main")), quote_identifier(name));
        match self.describe(&format!("DESCRIBE {path}")) {
            Err(Error::Query { message }) if message.starts_with("Catalog Error: Table with name") => Ok(None),
            columns => columns.map(Some),
        }
    }

    fn describe(&self, sql: &str) -> Result<Vec<(String, String)>, Error> {
        let rows = self.run(sql)?.into_rows()?;
        Ok(rows.iter().map(|row| (row[0].to_string(), row[1].to_string())).collect())
    }

    /// Begins a transaction, which is rolled back unless it is committed.
    ///
    /// # Errors
    /// [`Error::Query`] when one is open already.
    pub fn transaction(&self) -> Result<Transaction<'_>, Error> {
        self.execute("BEGIN TRANSACTION")?;
        Ok(Transaction { session: self, open: true })
    }

    pub(crate) fn prepare(&self, query: &str) -> Result<Prepared, Error> {
        self.check_cancelled()?;
        let statements = Statements::extract(self, query)?;
        match statements.count {
            1 => statements.prepare(self, 0),
            count => Err(Error::Query { message: format!("{count} statements where one query is expected") }),
        }
    }

    /// Runs a query whose result is computed while it is fetched.
    #[expect(unsafe_code)]
    pub(crate) fn run_streaming(&self, query: &str) -> Result<QueryResult, Error> {
        let prepared = self.prepare(query)?;
        aggregate::planned();
        let mut pending = Pending(ptr::null_mut());
        let mut result = QueryResult::empty();
        // SAFETY: the statement was prepared on this live connection; the pending result is destroyed whether or not it
        // is an error, and its message belongs to it; the result is ours to destroy.
        unsafe {
            if ffi::duckdb_pending_prepared_streaming(prepared.0, &mut pending.0) != ffi::DuckDBSuccess {
                return Err(Error::Query { message: borrowed(ffi::duckdb_pending_error(pending.0)) });
            }
            let state = ffi::duckdb_execute_pending(pending.0, result.as_mut_ptr());
            finished(state, result)
        }
    }

    /// Plans each statement and then runs it. Not `duckdb_query`, which does both in one: aggregates have to know which of
    /// their calls were planning.
    fn run(&self, sql: &str) -> Result<QueryResult, Error> {
        self.check_cancelled()?;
        let statements = Statements::extract(self, sql)?;
        (0..statements.count)
            .try_fold(QueryResult::empty(), |_, index| self.run_prepared(&statements.prepare(self, index)?))
    }
}

/// The result of a statement that has run, or its error.
pub(crate) fn finished(state: ffi::duckdb_state, mut result: QueryResult) -> Result<QueryResult, Error> {
    if state == ffi::DuckDBSuccess {
        return Ok(result);
    }
    match result.error() {
        message if message.starts_with("INTERRUPT Error") => Err(Error::Interrupted),
        message => Err(Error::Query { message }),
    }
}

/// The statements of a text, parsed and not yet bound.
pub(crate) struct Statements {
    raw: ffi::duckdb_extracted_statements,
    count: u64,
}

impl Drop for Statements {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_extracted(&mut self.raw) }
    }
}

#[expect(unsafe_code, reason = "calls on a live handle")]
impl Statements {
    pub(crate) fn extract(session: &Session, sql: &str) -> Result<Self, Error> {
        session.check_exclusion(sql)?;
        let sql = c_string(sql)?;
        let mut statements = Self { raw: ptr::null_mut(), count: 0 };
        // SAFETY: the connection is live; the out pointer is valid; the message belongs to the statements.
        unsafe {
            statements.count = ffi::duckdb_extract_statements(session.raw(), sql.as_ptr(), &mut statements.raw);
            if statements.count == 0 {
                let message = borrowed(ffi::duckdb_extract_statements_error(statements.raw));
                if !message.is_empty() {
                    return Err(Error::Query { message });
                }
            }
        }
        Ok(statements)
    }

    /// Binds a statement. Only one that succeeded may be asked anything: DuckDB's getters throw C++ exceptions on others.
    pub(crate) fn prepare(&self, session: &Session, index: u64) -> Result<Prepared, Error> {
        let mut prepared = Prepared(ptr::null_mut());
        // SAFETY: connection and statements are live; the statement is destroyed whether or not it succeeds, and its
        // message belongs to it.
        unsafe {
            let state = ffi::duckdb_prepare_extracted_statement(session.raw(), self.raw, index, &mut prepared.0);
            if state == ffi::DuckDBSuccess {
                return Ok(prepared);
            }
            match borrowed(ffi::duckdb_prepare_error(prepared.0)) {
                message if message.starts_with("INTERRUPT Error") => Err(Error::Interrupted),
                message => Err(Error::Query { message }),
            }
        }
    }
}

pub(crate) struct Prepared(ffi::duckdb_prepared_statement);

struct Pending(ffi::duckdb_pending_result);

impl Drop for Pending {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once; null is accepted.
        unsafe { ffi::duckdb_destroy_pending(&mut self.0) }
    }
}

impl Drop for Prepared {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once; null is accepted.
        unsafe { ffi::duckdb_destroy_prepare(&mut self.0) }
    }
}

impl Prepared {
    pub(crate) fn raw(&self) -> ffi::duckdb_prepared_statement {
        self.0
    }

    #[expect(unsafe_code)]
    fn kind(&self) -> ffi::duckdb_statement_type {
        // SAFETY: a statement that was prepared with success.
        unsafe { ffi::duckdb_prepared_statement_type(self.0) }
    }

    /// The query around `sql` whose columns are all of a kind that [`Rows`] reads; none where `sql` has only such columns,
    /// or is no query.
    #[expect(unsafe_code)]
    fn readable_query(&self, sql: &str) -> Option<Readable> {
        if self.kind() != ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_SELECT {
            return None;
        }
        // SAFETY: a statement that was prepared with success.
        let count = unsafe { ffi::duckdb_prepared_statement_column_count(self.0) };
        let mut selected = Vec::new();
        let mut aliases = Vec::new();
        let mut decimals = Vec::new();
        let mut plain = true;
        for index in 0..count {
            // SAFETY: `index` is below the number of columns; name and type are ours to free.
            let (name, handle) = unsafe {
                (
                    owned(ffi::duckdb_prepared_statement_column_name(self.0, index).cast_mut()),
                    TypeHandle::from_raw(ffi::duckdb_prepared_statement_column_logical_type(self.0, index)),
                )
            };
            let alias = format!("c{index}");
            let expression = match Form::of(&handle) {
                Form::AsIs => alias.clone(),
                Form::Json => format!("to_json({alias})"),
                form => {
                    if form == Form::Decimal {
                        decimals.push(selected.len());
                    }
                    format!("CAST({alias} AS VARCHAR)")
                }
            };
            plain &= expression == alias;
            selected.push(format!("{expression} AS {}", quote_identifier(&name)));
            aliases.push(alias);
        }
        (!plain).then(|| {
            let sql = sql.trim_end().trim_end_matches(';');
            let query = format!("SELECT {} FROM ({sql}\n) AS q({})", selected.join(", "), aliases.join(", "));
            Readable { query, decimals }
        })
    }
}

/// A query all of whose columns can be read, and which of them are decimals that come as text.
struct Readable {
    query: String,
    decimals: Vec<usize>,
}

/// How a column is asked for so that a client can read it.
#[derive(PartialEq)]
enum Form {
    AsIs,
    Text,
    Decimal,
    Json,
}

impl Form {
    #[expect(unsafe_code)]
    fn of(handle: &TypeHandle) -> Self {
        // SAFETY: the handle is live.
        match unsafe { ffi::duckdb_get_type_id(handle.raw()) } {
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_LIST
            | ffi::DUCKDB_TYPE_DUCKDB_TYPE_ARRAY
            | ffi::DUCKDB_TYPE_DUCKDB_TYPE_STRUCT
            | ffi::DUCKDB_TYPE_DUCKDB_TYPE_MAP
            | ffi::DUCKDB_TYPE_DUCKDB_TYPE_UNION => return Self::Json,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_DECIMAL => return Self::Decimal,
            // Its names, of which there may be many, need not be read.
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_ENUM => return Self::Text,
            _ => {}
        }
        // SAFETY: as above.
        match unsafe { LogicalType::of_handle(handle.raw()) } {
            Ok(
                LogicalType::Blob
                | LogicalType::Bit
                | LogicalType::BigNum
                | LogicalType::Date
                | LogicalType::Time
                | LogicalType::TimeTz
                | LogicalType::Timestamp
                | LogicalType::TimestampS
                | LogicalType::TimestampMs
                | LogicalType::TimestampNs
                | LogicalType::TimestampTz
                | LogicalType::Interval
                | LogicalType::Uuid,
            )
            | Err(_) => Self::Text,
            Ok(_) => Self::AsIs,
        }
    }
}

/// An open transaction. Dropping it rolls back.
pub struct Transaction<'session> {
    session: &'session Session,
    open: bool,
}

impl Transaction<'_> {
    /// Makes all of it visible and durable.
    ///
    /// # Errors
    /// [`Error::Query`], a conflict with another transaction among them; then all of it is undone.
    pub fn commit(mut self) -> Result<(), Error> {
        self.session.execute("COMMIT")?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open
            && let Err(error) = self.session.rollback()
        {
            // DuckDB has ended the transaction by itself where ROLLBACK finds none.
            tracing::debug!(%error, "nothing to roll back");
        }
    }
}

impl Session {
    /// Undoes the open transaction, also in a session that was interrupted.
    fn rollback(&self) -> Result<(), Error> {
        let was_cancelled = self.connection.cancelled.swap(false, Ordering::SeqCst);
        let outcome = self.execute("ROLLBACK");
        self.connection.cancelled.fetch_or(was_cancelled, Ordering::SeqCst);
        outcome.map(drop)
    }
}
