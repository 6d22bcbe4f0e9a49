//! Table functions of ours in DuckDB, through its C API.

mod arguments;
mod callbacks;

use duckdb::ffi;

use crate::callback::{CallbackError, drop_box};
use crate::chunk::OutputChunk;
use crate::strings::c_string;
use crate::types::{LogicalType, UnknownType};
use crate::{Error, Session};

pub use arguments::{ArgumentValue, TableArguments};

/// What DuckDB has to know of a table function before it is called.
#[derive(Debug, Clone)]
pub struct TableSignature {
    /// Name in SQL.
    pub name: String,
    /// Types of the arguments that are given by position, all of them.
    pub parameters: Vec<LogicalType>,
    /// Arguments that are given by name, or left out.
    pub named: Vec<NamedParameter>,
}

/// A parameter whose argument is given as `name := value`.
#[derive(Debug, Clone)]
pub struct NamedParameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub logical_type: LogicalType,
}

/// A column of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub logical_type: LogicalType,
}

/// What a call of a table function will give.
pub struct BoundTable<B> {
    /// The columns, at least one.
    pub columns: Vec<TableColumn>,
    /// Rows, as far as they are known.
    pub cardinality: Option<u64>,
    /// The function's own.
    pub bound: B,
}

/// One execution of a call.
pub struct TableScan<S> {
    /// Threads that can work on it at once; at least 1.
    pub threads: u64,
    /// The function's own.
    pub scan: S,
}

/// A function that SQL can call in FROM.
pub trait TableFunction: Send + Sync + 'static {
    /// What belongs to one call in one query, shared by all threads. A query may be executed several times.
    type Bound: Send + Sync + 'static;
    /// What belongs to one execution of a call, shared by all threads that work on it.
    type Scan: Send + Sync + 'static;
    /// What belongs to one thread that works on an execution.
    type Local: Default + Send + 'static;

    /// Name and parameters.
    fn signature(&self) -> &TableSignature;

    /// A query with a call of the function is being planned.
    ///
    /// # Errors
    /// The query fails with the message.
    fn bind(&self, arguments: TableArguments) -> Result<BoundTable<Self::Bound>, CallbackError>;

    /// An execution begins. `projection` has the numbers of the columns that are wanted, in the order in which they are
    /// to be filled; it may be empty.
    ///
    /// # Errors
    /// The query fails with the message.
    fn begin(&self, bound: &Self::Bound, projection: &[usize]) -> Result<TableScan<Self::Scan>, CallbackError>;

    /// Fills `output` with the next rows. Where it is left without rows, the thread is not asked again.
    ///
    /// # Errors
    /// The query fails with the message.
    fn next(
        &self,
        bound: &Self::Bound,
        scan: &Self::Scan,
        local: &mut Self::Local,
        output: &mut OutputChunk<'_>,
    ) -> Result<(), CallbackError>;
}

impl Session {
    /// Registers table functions for all sessions of the database.
    ///
    /// # Errors
    /// [`Error::Register`] when a name is taken, also by another of these: table functions have no overloads.
    pub fn register_tables<F: TableFunction>(&self, functions: Vec<F>) -> Result<(), Error> {
        for function in functions {
            self.register_table(function)?;
        }
        Ok(())
    }

    #[expect(unsafe_code)]
    fn register_table<F: TableFunction>(&self, function: F) -> Result<(), Error> {
        let name = function.signature().name.to_lowercase();
        let refused = |name: String, reason: &str| Err(Error::Register { name, reason: reason.to_owned() });
        // DuckDB would say that it takes the function, and go on with the one that is there.
        if let Some(name) = self.taken([&name].into_iter())? {
            return refused(name, "a function of this name exists already");
        }
        let handle = Function::new(function)?;
        // SAFETY: connection and function are live; DuckDB copies the function.
        if unsafe { ffi::duckdb_register_table_function(self.raw(), handle.0) } != ffi::DuckDBSuccess {
            return refused(name, "the database does not take it");
        }
        Ok(())
    }
}

struct Function(ffi::duckdb_table_function);

impl Drop for Function {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_table_function(&mut self.0) }
    }
}

impl Function {
    #[expect(unsafe_code)]
    fn new<F: TableFunction>(function: F) -> Result<Self, Error> {
        let signature = function.signature().clone();
        let name = c_string(&signature.name.to_lowercase())?;
        let refused = |error: UnknownType| Error::Register { name: signature.name.clone(), reason: error.to_string() };
        // SAFETY: every handle and string is live during its call; DuckDB copies names and types, and frees the extra
        // information with the callback given beside it.
        unsafe {
            let handle = Self(ffi::duckdb_create_table_function());
            ffi::duckdb_table_function_set_name(handle.0, name.as_ptr());
            for parameter in &signature.parameters {
                ffi::duckdb_table_function_add_parameter(handle.0, parameter.handle().map_err(refused)?.raw());
            }
            for NamedParameter { name, logical_type } in &signature.named {
                let name = c_string(name)?;
                ffi::duckdb_table_function_add_named_parameter(
                    handle.0,
                    name.as_ptr(),
                    logical_type.handle().map_err(refused)?.raw(),
                );
            }
            ffi::duckdb_table_function_set_extra_info(
                handle.0,
                Box::into_raw(Box::new(function)).cast(),
                Some(drop_box::<F>),
            );
            ffi::duckdb_table_function_supports_projection_pushdown(handle.0, true);
            ffi::duckdb_table_function_set_bind(handle.0, Some(callbacks::bind::<F>));
            ffi::duckdb_table_function_set_init(handle.0, Some(callbacks::begin::<F>));
            ffi::duckdb_table_function_set_local_init(handle.0, Some(callbacks::open::<F>));
            ffi::duckdb_table_function_set_function(handle.0, Some(callbacks::next::<F>));
            Ok(handle)
        }
    }
}
