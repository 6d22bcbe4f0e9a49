//! Scalar functions of ours in DuckDB, through its C API.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use duckdb::ffi;

use crate::callback::{CallbackError, contained, drop_box};
use crate::strings::{c_message, c_string};
use crate::types::{LogicalType, UnknownType};
use crate::vector::{InputVector, OutputVector};
use crate::{Error, Session, quote_literal};

/// Whether a function sees NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullHandling {
    /// A row with a NULL argument becomes NULL, whatever the function writes there.
    Propagate,
    /// The function decides.
    CalledOnNull,
}

/// Whether a function may be called less often than there are rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stability {
    /// Equal arguments give equal results.
    Consistent,
    /// Each row is a call of its own.
    Volatile,
}

/// What DuckDB has to know of a function.
#[derive(Debug, Clone)]
pub struct ScalarSignature {
    /// Name in SQL.
    pub name: String,
    /// Types of the arguments.
    pub parameters: Vec<LogicalType>,
    /// Type of any number of further arguments.
    pub varargs: Option<LogicalType>,
    /// Type of the result.
    pub returns: LogicalType,
    /// Whether it sees NULL.
    pub nulls: NullHandling,
    /// Whether calls may be saved.
    pub stability: Stability,
}

impl ScalarSignature {
    /// The types in which arguments arrive: those of the parameters, then that of the varargs over and over.
    fn argument_types(&self) -> impl Iterator<Item = LogicalType> {
        self.parameters.iter().chain(self.varargs.iter().cycle()).cloned()
    }
}

/// A function that SQL can call.
pub trait ScalarFunction: Send + Sync + 'static {
    /// What belongs to one call site of one query, shared by all threads that work on it.
    type Bound: Send + Sync + 'static;
    /// What belongs to one thread that works on a call site.
    type Local: Send + 'static;

    /// Name and types.
    fn signature(&self) -> &ScalarSignature;

    /// A query with a call of the function is being planned.
    ///
    /// # Errors
    /// The query fails with the message.
    fn bind(&self, arguments: &BindArguments) -> Result<Self::Bound, CallbackError>;

    /// A thread begins to work on a call site.
    ///
    /// # Errors
    /// The query fails with the message.
    fn open(&self, bound: &Arc<Self::Bound>) -> Result<Self::Local, CallbackError>;

    /// Computes a batch. Rows where the result is to be NULL are marked in `output`; where NULLs propagate, that is done
    /// afterwards for every row with a NULL argument.
    ///
    /// # Errors
    /// The query fails with the message.
    fn evaluate(
        &self,
        bound: &Self::Bound,
        local: &mut Self::Local,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError>;
}

/// What is known of a call before it runs.
pub struct BindArguments {
    arguments: Vec<(LogicalType, ArgumentForm)>,
}

/// Whether an argument is one for all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentForm {
    /// It does not depend on a row: all rows of all batches have the same value. The value itself is found in the first
    /// batch, where it has been converted to the type of its parameter.
    Constant,
    /// Each row has its own.
    Vector,
}

impl BindArguments {
    /// How many arguments the call has.
    pub fn len(&self) -> usize {
        self.arguments.len()
    }

    /// Whether the call has no argument.
    pub fn is_empty(&self) -> bool {
        self.arguments.is_empty()
    }

    /// The type in which an argument will arrive: that of its parameter.
    pub fn logical_type(&self, index: usize) -> &LogicalType {
        &self.arguments[index].0
    }

    /// Whether an argument is one for all rows.
    pub fn form(&self, index: usize) -> ArgumentForm {
        self.arguments[index].1
    }
}

/// The arguments of a batch.
pub struct Chunk<'batch> {
    rows: usize,
    vectors: Vec<InputVector<'batch>>,
}

impl<'batch> Chunk<'batch> {
    /// # Safety
    /// The vectors are flat, have values of these types, hold at least `rows` of them, and outlive `'batch` unchanged.
    #[expect(unsafe_code)]
    pub(crate) unsafe fn new(rows: usize, vectors: impl Iterator<Item = (ffi::duckdb_vector, LogicalType)>) -> Self {
        // SAFETY: as promised by the caller.
        Self { rows, vectors: vectors.map(|(raw, kind)| unsafe { InputVector::new(raw, kind, rows) }).collect() }
    }

    /// How many rows the batch has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The arguments, in order.
    pub fn vectors(&self) -> &[InputVector<'batch>] {
        &self.vectors
    }
}

impl Session {
    /// Registers functions for all sessions of the database. Those that share a name become overloads of it.
    ///
    /// # Errors
    /// [`Error::Register`] when a name is taken or two overloads have the same parameters.
    pub fn register_scalars<F: ScalarFunction>(&self, functions: Vec<F>) -> Result<(), Error> {
        let mut overloads: BTreeMap<String, Vec<F>> = BTreeMap::new();
        for function in functions {
            overloads.entry(function.signature().name.to_lowercase()).or_default().push(function);
        }
        // DuckDB would add the overloads to a function that is there, one of its own included.
        if let Some(name) = self.taken(overloads.keys())? {
            return Err(Error::Register { name, reason: "a function of this name exists already".into() });
        }
        overloads.into_iter().try_for_each(|(name, functions)| self.register_overloads(&name, functions))
    }

    /// The first of the names that cannot be called as a function, being a word of the grammar.
    ///
    /// # Errors
    /// When DuckDB does not tell its words.
    pub fn reserved_word<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<Option<String>, Error> {
        let names: Vec<String> = names.map(|name| quote_literal(&name.to_lowercase())).collect();
        let sql = format!(
            "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'column_name') \
             AND keyword_name IN ({}) ORDER BY 1 LIMIT 1",
            names.join(", ")
        );
        Ok(if names.is_empty() { None } else { self.query(&sql)?.first().map(ToString::to_string) })
    }

    /// The first of the names that a function has already. All are looked up at once: DuckDB lists every function it has
    /// for each look.
    pub(crate) fn taken<'a>(&self, names: impl Iterator<Item = &'a String>) -> Result<Option<String>, Error> {
        let names: Vec<String> = names.map(|name| quote_literal(name)).collect();
        let sql = format!(
            "SELECT lower(function_name) FROM duckdb_functions() WHERE lower(function_name) IN ({}) ORDER BY 1 LIMIT 1",
            names.join(", ")
        );
        Ok(if names.is_empty() { None } else { self.query(&sql)?.first().map(ToString::to_string) })
    }

    #[expect(unsafe_code)]
    fn register_overloads<F: ScalarFunction>(&self, name: &str, overloads: Vec<F>) -> Result<(), Error> {
        let refused = |reason: &str| Error::Register { name: name.to_owned(), reason: reason.to_owned() };
        let c_name = c_string(name)?;
        // SAFETY: the name is NUL-terminated; the set is destroyed below.
        let set = FunctionSet(unsafe { ffi::duckdb_create_scalar_function_set(c_name.as_ptr()) });
        for function in overloads {
            let handle = Function::new(function)?;
            // SAFETY: both handles are live; the set copies the function.
            if unsafe { ffi::duckdb_add_scalar_function_to_set(set.0, handle.0) } != ffi::DuckDBSuccess {
                return Err(refused("two overloads have the same parameters"));
            }
        }
        // SAFETY: connection and set are live.
        if unsafe { ffi::duckdb_register_scalar_function_set(self.raw(), set.0) } != ffi::DuckDBSuccess {
            return Err(refused("the database does not take it"));
        }
        Ok(())
    }
}

struct FunctionSet(ffi::duckdb_scalar_function_set);

impl Drop for FunctionSet {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_scalar_function_set(&mut self.0) }
    }
}

struct Function(ffi::duckdb_scalar_function);

impl Drop for Function {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_scalar_function(&mut self.0) }
    }
}

impl Function {
    #[expect(unsafe_code)]
    fn new<F: ScalarFunction>(function: F) -> Result<Self, Error> {
        let signature = function.signature().clone();
        let name = c_string(&signature.name)?;
        let refused =
            |unknown: UnknownType| Error::Register { name: signature.name.clone(), reason: unknown.to_string() };
        let of = |kind: &LogicalType| kind.handle().map_err(refused);
        // SAFETY: every handle and string is live during its call; DuckDB copies names and types, and frees the extra
        // information with the callback given beside it.
        unsafe {
            let handle = Self(ffi::duckdb_create_scalar_function());
            ffi::duckdb_scalar_function_set_name(handle.0, name.as_ptr());
            for parameter in &signature.parameters {
                ffi::duckdb_scalar_function_add_parameter(handle.0, of(parameter)?.raw());
            }
            if let Some(varargs) = &signature.varargs {
                ffi::duckdb_scalar_function_set_varargs(handle.0, of(varargs)?.raw());
            }
            ffi::duckdb_scalar_function_set_return_type(handle.0, of(&signature.returns)?.raw());
            if signature.nulls == NullHandling::CalledOnNull {
                ffi::duckdb_scalar_function_set_special_handling(handle.0);
            }
            if signature.stability == Stability::Volatile {
                ffi::duckdb_scalar_function_set_volatile(handle.0);
            }
            ffi::duckdb_scalar_function_set_extra_info(
                handle.0,
                Box::into_raw(Box::new(function)).cast(),
                Some(drop_box::<F>),
            );
            ffi::duckdb_scalar_function_set_bind(handle.0, Some(bind::<F>));
            ffi::duckdb_scalar_function_set_init(handle.0, Some(init::<F>));
            ffi::duckdb_scalar_function_set_function(handle.0, Some(evaluate::<F>));
            Ok(handle)
        }
    }
}

#[expect(unsafe_code)]
unsafe extern "C" fn drop_arc<T>(pointer: *mut c_void) {
    // SAFETY: DuckDB hands back, once for each copy, what `Arc::into_raw` gave it.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Arc::from_raw(pointer.cast_const().cast::<T>()) })));
}

#[expect(unsafe_code)]
unsafe extern "C" fn copy_arc<T>(pointer: *mut c_void) -> *mut c_void {
    // SAFETY: the pointer came from `Arc::into_raw` and its count is at least one.
    unsafe { Arc::increment_strong_count(pointer.cast_const().cast::<T>()) };
    pointer
}

#[expect(unsafe_code)]
unsafe extern "C" fn bind<F: ScalarFunction>(info: ffi::duckdb_bind_info) {
    let outcome = contained(|| {
        // SAFETY: DuckDB passes live information; the extra information is the boxed function.
        let function = unsafe { &*ffi::duckdb_scalar_function_bind_get_extra_info(info).cast::<F>() };
        // SAFETY: as above.
        let arguments = unsafe { bound_arguments(info, function.signature()) };
        let bound = Arc::new(function.bind(&arguments)?);
        // SAFETY: DuckDB keeps the pointer, copies and frees it with the callbacks given.
        unsafe {
            let pointer = Arc::into_raw(bound).cast_mut().cast();
            ffi::duckdb_scalar_function_set_bind_data(info, pointer, Some(drop_arc::<F::Bound>));
            ffi::duckdb_scalar_function_set_bind_data_copy(info, Some(copy_arc::<F::Bound>));
        }
        Ok(())
    });
    if let Err(error) = outcome {
        // SAFETY: the information is live; the message is copied.
        unsafe { ffi::duckdb_scalar_function_bind_set_error(info, c_message(&error.0).as_ptr()) }
    }
}

/// # Safety
/// `info` is the live bind information of a scalar function with this signature.
#[expect(unsafe_code)]
unsafe fn bound_arguments(info: ffi::duckdb_bind_info, signature: &ScalarSignature) -> BindArguments {
    let form = |index| {
        // SAFETY: `info` is live; the expression, null where DuckDB could not copy it, is ours and destroyed here.
        unsafe {
            let mut expression = ffi::duckdb_scalar_function_bind_get_argument(info, index);
            let foldable = ffi::duckdb_expression_is_foldable(expression);
            ffi::duckdb_destroy_expression(&mut expression);
            if foldable { ArgumentForm::Constant } else { ArgumentForm::Vector }
        }
    };
    // SAFETY: `info` is live.
    let count = unsafe { ffi::duckdb_scalar_function_bind_get_argument_count(info) };
    let arguments = (0..count).zip(signature.argument_types()).map(|(index, kind)| (kind, form(index))).collect();
    BindArguments { arguments }
}

#[expect(unsafe_code)]
unsafe extern "C" fn init<F: ScalarFunction>(info: ffi::duckdb_init_info) {
    let outcome = contained(|| {
        // SAFETY: live information; the extra information is the boxed function, the bind data an `Arc` that DuckDB
        // holds, of which we take a count of our own.
        let (function, bound) = unsafe {
            let bound = ffi::duckdb_scalar_function_init_get_bind_data(info).cast_const().cast::<F::Bound>();
            Arc::increment_strong_count(bound);
            (&*ffi::duckdb_scalar_function_init_get_extra_info(info).cast::<F>(), Arc::from_raw(bound))
        };
        let local = Box::new(function.open(&bound)?);
        // SAFETY: DuckDB keeps the pointer and frees it with the callback given.
        unsafe {
            ffi::duckdb_scalar_function_init_set_state(info, Box::into_raw(local).cast(), Some(drop_box::<F::Local>));
        }
        Ok(())
    });
    if let Err(error) = outcome {
        // SAFETY: the information is live; the message is copied.
        unsafe { ffi::duckdb_scalar_function_init_set_error(info, c_message(&error.0).as_ptr()) }
    }
}

#[expect(unsafe_code)]
unsafe extern "C" fn evaluate<F: ScalarFunction>(
    info: ffi::duckdb_function_info,
    input: ffi::duckdb_data_chunk,
    output: ffi::duckdb_vector,
) {
    let outcome = contained(|| {
        // SAFETY: live information; the extra information is the boxed function, the bind data what `bind` set, the
        // state what `init` set, which no other thread uses.
        let (function, bound, local) = unsafe {
            (
                &*ffi::duckdb_scalar_function_get_extra_info(info).cast::<F>(),
                &*ffi::duckdb_scalar_function_get_bind_data(info).cast::<F::Bound>(),
                &mut *ffi::duckdb_scalar_function_get_state(info).cast::<F::Local>(),
            )
        };
        let signature = function.signature();
        // SAFETY: the chunk and its vectors are live and flat during the call; its columns have the declared types.
        let chunk = unsafe {
            let rows = ffi::duckdb_data_chunk_get_size(input) as usize;
            let columns = ffi::duckdb_data_chunk_get_column_count(input);
            let vector = |index| ffi::duckdb_data_chunk_get_vector(input, index);
            Chunk::new(rows, (0..columns).map(vector).zip(signature.argument_types()))
        };
        // SAFETY: the output vector is flat, of the declared type, has room for the rows, and is ours during the call.
        let mut output = unsafe { OutputVector::new(output, signature.returns.clone(), chunk.rows) };
        function.evaluate(bound, local, &chunk, &mut output)?;
        if signature.nulls == NullHandling::Propagate {
            for validity in chunk.vectors.iter().filter_map(InputVector::validity) {
                output.write_validity(validity).map_err(|error| CallbackError(error.to_string()))?;
            }
        }
        Ok(())
    });
    if let Err(error) = outcome {
        // SAFETY: the information is live; the message is copied.
        unsafe { ffi::duckdb_scalar_function_set_error(info, c_message(&error.0).as_ptr()) }
    }
}
