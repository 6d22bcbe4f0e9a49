//! The ways to misbehave.

mod columns;
mod handles;
mod honest;
mod running;
mod telling;

use crate::Opened;
use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::exports::duckpen::functions::scalar::Evaluator;

/// How a batch ends.
pub type Outcome = Result<(), Failure>;

/// A function that misbehaves.
pub struct Misdeed {
    /// Its name in SQL.
    pub name: &'static str,
    /// The type it says it returns.
    pub returns: &'static str,
    /// What it does when it is opened.
    pub open: fn(&'static Misdeed) -> Result<Evaluator, Failure>,
    /// What it does with a batch of so many rows.
    pub commit: fn(usize) -> Outcome,
    /// What it does when its resource is dropped.
    pub close: fn(),
}

/// All of them.
pub static MISDEEDS: &[Misdeed] = &[
    bigint("loop_forever", running::loop_forever),
    bigint("memory_fill", running::memory_fill),
    bigint("recurse", running::recurse),
    bigint("recurse_without_memory", running::recurse_without_memory),
    bigint("fill_forever", running::fill_forever),
    bigint("copy_forever", running::copy_forever),
    bigint("grow_until_refused", running::grow_until_refused),
    bigint("allocate_2_gib", running::allocate_2_gib),
    bigint("trap", running::trap),
    bigint("panic", running::panic),
    bigint("read_outside", running::read_outside),
    bigint("write_outside", running::write_outside),
    bigint("call_nowhere", running::call_nowhere),
    bigint("call_as_another", running::call_as_another),
    bigint("wrong_row_count", columns::wrong_row_count),
    bigint("too_many_rows", columns::too_many_rows),
    bigint("too_few_values", columns::too_few_values),
    bigint("wrong_type", columns::wrong_type),
    bigint("no_emit", columns::no_emit),
    bigint("emit_twice", columns::emit_twice),
    bigint("short_validity", columns::short_validity),
    bigint("long_validity", columns::long_validity),
    bigint("stray_child", columns::stray_child),
    bigint("children_flood", columns::children_flood),
    bigint("list_for_number", columns::list_for_number),
    bigint("struct_of_4_billion", columns::struct_of_4_billion),
    bigint("two_billion_values", columns::two_billion_values),
    bigint("values_outside", columns::values_outside),
    bigint("values_not_aligned", columns::values_not_aligned),
    bigint("same_bytes_again_and_again", columns::same_bytes_again_and_again),
    bigint("emit_then_loop", columns::emit_then_loop),
    bigint("emit_then_trap", columns::emit_then_trap),
    bigint("emit_then_fail", columns::emit_then_fail),
    of("BOOLEAN", "too_many_bits", columns::too_many_bits),
    of("VARCHAR", "bad_utf8", columns::bad_utf8),
    of("VARCHAR", "utf8_surrogate", columns::utf8_surrogate),
    of("VARCHAR", "utf8_overlong", columns::utf8_overlong),
    of("VARCHAR", "utf8_cut", columns::utf8_cut),
    of("VARCHAR", "bad_offsets", columns::bad_offsets),
    of("VARCHAR", "offsets_start_late", columns::offsets_start_late),
    of("VARCHAR", "offsets_fall", columns::offsets_fall),
    of("VARCHAR", "offsets_past_end", columns::offsets_past_end),
    of("VARCHAR", "too_few_offsets", columns::too_few_offsets),
    of("VARCHAR", "no_offsets", columns::no_offsets),
    of("VARCHAR", "huge_result", columns::huge_result),
    of("DECIMAL(4,1)", "too_many_digits", columns::too_many_digits),
    of("DECIMAL(38,10)", "far_too_many_digits", columns::far_too_many_digits),
    of("TIME", "late_time", columns::late_time),
    of("DATE", "early_date", columns::early_date),
    of("TIMESTAMP", "early_timestamp", columns::early_timestamp),
    bigint("fail", telling::fail),
    bigint("huge_message", telling::huge_message),
    bigint("huge_hint", telling::huge_hint),
    bigint("message_of_1_gib", telling::message_of_1_gib),
    bigint("message_without_utf8", telling::message_without_utf8),
    bigint("message_of_controls", telling::message_of_controls),
    bigint("log_flood", telling::log_flood),
    bigint("log_long_lines", telling::log_long_lines),
    bigint("log_without_utf8", telling::log_without_utf8),
    bigint("log_outside", telling::log_outside),
    bigint("loop_in_post_return", telling::loop_in_post_return),
    bigint("trap_in_post_return", telling::trap_in_post_return),
    bigint("drop_own_handle", handles::drop_own_handle),
    bigint("drop_forged_handle", handles::drop_forged_handle),
    bigint("drop_handle_twice", handles::drop_handle_twice),
    bigint("look_into_forged_handle", handles::look_into_forged_handle),
    bigint("hoard_handles", handles::hoard_handles),
    bigint("loop_in_destructor", handles::loop_in_destructor),
    opened("forged_evaluator", handles::forge),
    opened("evaluator_zero", handles::forge_zero),
    opened("loop_in_open", handles::open_loop),
    opened("trap_in_open", handles::open_trap),
    opened("fail_in_open", handles::open_fail),
    opened("emit_in_open", handles::open_emit),
    opened("loop_in_allocation", handles::arm_loop),
    opened("trap_in_allocation", handles::arm_trap),
    opened("misaligned_allocation", handles::arm_misaligned),
    opened("allocation_outside", handles::arm_outside),
    Misdeed { close: honest::loop_forever, ..bigint("loop_on_drop", honest::emit_zeros) },
];

pub const fn of(returns: &'static str, name: &'static str, commit: fn(usize) -> Outcome) -> Misdeed {
    Misdeed { name, returns, open, commit, close: || {} }
}

const fn bigint(name: &'static str, commit: fn(usize) -> Outcome) -> Misdeed {
    of("BIGINT", name, commit)
}

/// One that misbehaves when it is opened.
const fn opened(name: &'static str, open: fn(&'static Misdeed) -> Result<Evaluator, Failure>) -> Misdeed {
    Misdeed { open, ..bigint(name, honest::emit_zeros) }
}

fn open(misdeed: &'static Misdeed) -> Result<Evaluator, Failure> {
    Ok(Evaluator::new(Opened(misdeed)))
}
