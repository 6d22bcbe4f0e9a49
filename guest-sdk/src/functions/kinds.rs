//! How `duckpen::functions!` sorts functions by their kind.
//!
//! A component exports the interfaces of the kinds it has, and no others; but what is exported is decided by macros, and
//! no macro knows of which kind the function behind a path is. So each attribute leaves a macro beside its function, under
//! a name made of the function's: one of those of this file. `functions!` calls that of the first function, which puts the
//! function into its kind's list and calls that of the next one, until [`__export_kinds`] stands at the end.
//!
//! The input of each is `{ lists } function { next macro } next function ...`.

/// Beside a scalar function.
#[doc(hidden)]
#[macro_export]
macro_rules! __kind_scalar {
    ({ [$($scalar:tt)*] $table:tt } $function:tt { $($next:tt)* } $($rest:tt)*) => {
        $($next)*! { { [$($scalar)* $function] $table } $($rest)* }
    };
}

/// Beside a table function.
#[doc(hidden)]
#[macro_export]
macro_rules! __kind_table {
    ({ $scalar:tt [$($table:tt)*] } $function:tt { $($next:tt)* } $($rest:tt)*) => {
        $($next)*! { { $scalar [$($table)* $function] } $($rest)* }
    };
}

/// After the last function: exports each kind's.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_kinds {
    ({ [$(($($scalar:tt)*))*] [$(($($table:tt)*))*] }) => {
        $crate::__export_scalars! { $($($scalar)*),* }
        $crate::__export_tables! { $($($table)*),* }
    };
}
