//! Aggregate functions of ours in DuckDB, through its C API.
//!
//! A state lies in DuckDB's memory, one for each group, and is what [`AggregateFunction::State`] says. DuckDB moves states
//! between threads and, as bytes, from place to place; it merges those of parts of a group in any order, and some of them
//! several times (windows). States that need no drop count in its `memory_limit` and need no visit at the end.

mod allocation;
mod callbacks;
mod exclusion;
mod history;
mod states;
mod without_nulls;

use std::collections::BTreeMap;
use std::sync::PoisonError;

use duckdb::ffi;

use self::exclusion::Excluded;
use crate::callback::{CallbackError, drop_box};
use crate::scalar::{Chunk, NullHandling};
use crate::strings::c_string;
use crate::types::{LogicalType, UnknownType};
use crate::vector::OutputVector;
use crate::{Error, Session};

pub(crate) use exclusion::Exclusions;
pub(crate) use history::planned;
pub use states::States;

/// What DuckDB has to know of an aggregate function.
#[derive(Debug, Clone)]
pub struct AggregateSignature {
    /// Name in SQL.
    pub name: String,
    /// Types of the arguments.
    pub parameters: Vec<LogicalType>,
    /// Type of the result.
    pub returns: LogicalType,
    /// Whether it sees NULL. If not, rows with a NULL argument are left out.
    pub nulls: NullHandling,
}

/// An aggregate function that SQL can call.
///
/// DuckDB tells neither where a query begins nor where it ends, and gives a thread nothing of its own: whatever a function
/// keeps between calls, it keeps itself.
pub trait AggregateFunction: Send + Sync + 'static {
    /// What is kept for a group. It is moved as bytes, so that nothing may point into it.
    type State: Send + Sync + 'static;

    /// Name and types.
    fn signature(&self) -> &AggregateSignature;

    /// The state of a group without rows.
    fn init(&self) -> Self::State;

    /// Takes rows in: row `i` belongs to the group whose state is `states.get(of_row[i])`. There is at least one row.
    ///
    /// # Errors
    /// The query fails with the message.
    fn update(
        &self,
        states: &mut States<'_, Self::State>,
        of_row: &[u32],
        input: &Chunk<'_>,
    ) -> Result<(), CallbackError>;

    /// Merges states of parts of groups: `sources.get(i)` into `targets.get(target_of[i])`, in this order, after the rows
    /// that are in the target. Sources stay as they are: other threads may read them at the same time, and the same one
    /// may be merged into several targets.
    ///
    /// # Errors
    /// The query fails with the message.
    fn combine(
        &self,
        targets: &mut States<'_, Self::State>,
        sources: &States<'_, Self::State>,
        target_of: &[u32],
    ) -> Result<(), CallbackError>;

    /// Writes the result of each group. The states stay as they are: more rows may follow (windows).
    ///
    /// # Errors
    /// The query fails with the message.
    fn finalize(&self, states: &States<'_, Self::State>, output: &mut OutputVector<'_>) -> Result<(), CallbackError>;
}

/// An aggregate function that is ready to be registered, whatever its states are.
pub struct Aggregate {
    name: String,
    parameters: Vec<LogicalType>,
    handle: Function,
    /// Whether a state has to be destroyed, since it keeps memory of its own.
    is_dropped: bool,
}

impl Aggregate {
    /// Hands a function over to DuckDB.
    ///
    /// # Errors
    /// [`Error::NulCharacter`] when there is one in its name.
    pub fn new<F: AggregateFunction>(function: F) -> Result<Self, Error> {
        let AggregateSignature { name, parameters, .. } = function.signature().clone();
        let handle = Function::new(function)?;
        Ok(Self { name: name.to_lowercase(), parameters, handle, is_dropped: std::mem::needs_drop::<F::State>() })
    }
}

impl Session {
    /// Registers aggregate functions for all sessions of the database. Those that share a name become overloads of it.
    ///
    /// # Errors
    /// [`Error::Register`] when a name is taken or two overloads have the same parameters.
    pub fn register_aggregates(&self, functions: Vec<Aggregate>) -> Result<(), Error> {
        let mut overloads: BTreeMap<String, Vec<Aggregate>> = BTreeMap::new();
        for function in functions {
            overloads.entry(function.name.clone()).or_default().push(function);
        }
        // DuckDB would add the overloads to a function that is there, one of its own included.
        if let Some(name) = self.taken(overloads.keys())? {
            return Err(Error::Register { name, reason: "a function of this name exists already".into() });
        }
        let keeping = overloads.iter().filter(|(_, functions)| functions.iter().any(|function| function.is_dropped));
        let keeping: Vec<&String> = keeping.map(|(name, _)| name).collect();
        if !keeping.is_empty() {
            let definitions = self.definitions()?;
            let mut exclusions = self.exclusions().write().unwrap_or_else(PoisonError::into_inner);
            keeping.into_iter().for_each(|name| exclusions.keep(name));
            exclusions.define(definitions);
        }
        overloads.into_iter().try_for_each(|(name, functions)| self.register_aggregate(&name, &functions))
    }

    /// The views and macros of the database: names and texts.
    fn definitions(&self) -> Result<Vec<(String, String)>, Error> {
        let rows = self.query(
            "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal \
             UNION ALL SELECT function_name, macro_definition FROM duckdb_functions() \
             WHERE macro_definition IS NOT NULL AND NOT internal",
        )?;
        Ok(rows.iter().map(|row| (row[0].to_string(), row[1].to_string())).collect())
    }

    /// Refuses statements in which DuckDB would not destroy states that keep memory of their own.
    pub(crate) fn check_exclusion(&self, sql: &str) -> Result<(), Error> {
        let excluded = || self.exclusions().read().unwrap_or_else(PoisonError::into_inner).excluded(sql);
        match excluded() {
            None => return Ok(()),
            Some(Excluded { function, definition: None }) => return Err(Error::Exclusion { function }),
            Some(Excluded { definition: Some(_), .. }) => {}
        }
        // The view may have been made anew since.
        let definitions = self.definitions()?;
        self.exclusions().write().unwrap_or_else(PoisonError::into_inner).define(definitions);
        match excluded() {
            Some(Excluded { function, definition: Some(definition) }) => {
                Err(Error::ExclusionInDefinition { function, definition })
            }
            _ => Ok(()),
        }
    }

    #[expect(unsafe_code)]
    fn register_aggregate(&self, name: &str, overloads: &[Aggregate]) -> Result<(), Error> {
        let refused = |reason: &str| Error::Register { name: name.to_owned(), reason: reason.to_owned() };
        let c_name = c_string(name)?;
        // SAFETY: the name is NUL-terminated; the set is destroyed below.
        let set = FunctionSet(unsafe { ffi::duckdb_create_aggregate_function_set(c_name.as_ptr()) });
        for (index, function) in overloads.iter().enumerate() {
            // DuckDB takes the same overload of an aggregate twice, and then none of them can be called.
            if overloads[..index].iter().any(|other| other.parameters == function.parameters) {
                return Err(refused("two overloads have the same parameters"));
            }
            // SAFETY: both handles are live; the set copies the function.
            if unsafe { ffi::duckdb_add_aggregate_function_to_set(set.0, function.handle.0) } != ffi::DuckDBSuccess {
                return Err(refused("the database does not take an overload"));
            }
        }
        // SAFETY: connection and set are live.
        if unsafe { ffi::duckdb_register_aggregate_function_set(self.raw(), set.0) } != ffi::DuckDBSuccess {
            return Err(refused("the database does not take it"));
        }
        Ok(())
    }
}

struct FunctionSet(ffi::duckdb_aggregate_function_set);

impl Drop for FunctionSet {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_aggregate_function_set(&mut self.0) }
    }
}

struct Function(ffi::duckdb_aggregate_function);

impl Drop for Function {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_aggregate_function(&mut self.0) }
    }
}

impl Function {
    #[expect(unsafe_code)]
    fn new<F: AggregateFunction>(function: F) -> Result<Self, Error> {
        let signature = function.signature().clone();
        let name = c_string(&signature.name)?;
        let refused = |error: UnknownType| Error::Register { name: signature.name.clone(), reason: error.to_string() };
        // SAFETY: every handle and string is live during its call; DuckDB copies names and types, and frees the extra
        // information with the callback given beside it.
        unsafe {
            let handle = Self(ffi::duckdb_create_aggregate_function());
            ffi::duckdb_aggregate_function_set_name(handle.0, name.as_ptr());
            for parameter in &signature.parameters {
                ffi::duckdb_aggregate_function_add_parameter(handle.0, parameter.handle().map_err(refused)?.raw());
            }
            ffi::duckdb_aggregate_function_set_return_type(
                handle.0,
                signature.returns.handle().map_err(refused)?.raw(),
            );
            if signature.nulls == NullHandling::CalledOnNull {
                ffi::duckdb_aggregate_function_set_special_handling(handle.0);
            }
            ffi::duckdb_aggregate_function_set_extra_info(
                handle.0,
                Box::into_raw(Box::new(function)).cast(),
                Some(drop_box::<F>),
            );
            ffi::duckdb_aggregate_function_set_functions(
                handle.0,
                Some(callbacks::state_size::<F>),
                Some(callbacks::init::<F>),
                Some(callbacks::update::<F>),
                Some(callbacks::combine::<F>),
                Some(callbacks::finalize::<F>),
            );
            if std::mem::needs_drop::<F::State>() {
                ffi::duckdb_aggregate_function_set_destructor(handle.0, Some(callbacks::destroy::<F>));
            }
            Ok(handle)
        }
    }
}
