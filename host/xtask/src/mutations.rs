//! The guards between a guest and the host, and how each is taken away.

/// A change that takes a guard away, and the tests that have to fail then.
pub struct Mutation {
    /// The guard, by the name that it is chosen by.
    pub guard: &'static str,
    /// In the repository.
    pub file: &'static str,
    /// What stands there, once.
    pub from: &'static str,
    pub to: &'static str,
    /// A test target of the workspace.
    pub test: &'static str,
}

const fn mutation(
    guard: &'static str,
    test: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
) -> Mutation {
    Mutation { guard, file, from, to, test }
}

const HARMLESS: &str = "harmless";
const TEMPLATE: &str = "host/sandbox/src/template.rs";
const INSTANCE: &str = "host/sandbox/src/instance.rs";
const LIMITER: &str = "host/sandbox/src/limiter.rs";
const VECTOR: &str = "host/database/src/vector.rs";
const CHECKS: &str = "host/database/src/vector/checks.rs";
const RESULTS: &str = "host/functions/src/columns/results.rs";
const SINK: &str = "host/functions/src/columns/sink.rs";
const STATES: &str = "host/functions/src/aggregate/buffer.rs";
const BATCHES: &str = "host/functions/src/table/batches.rs";

/// One guard a line, in the order of the way of a call: limits, what comes back, what is told.
#[rustfmt::skip]
pub const MUTATIONS: &[Mutation] = &[
    mutation("fuel", HARMLESS, TEMPLATE, "store.set_fuel(fuel)", "store.set_fuel(u64::MAX - fuel)"),
    mutation("time", HARMLESS, TEMPLATE, "(elapsed >= self.limits.time).then_some", "(used > limit && limit == 0).then_some"),
    mutation("stack", HARMLESS, "host/sandbox/src/engine.rs",
        ".max_wasm_stack(STACK_BYTES)", ".async_stack_size(STACK_BYTES << 9).max_wasm_stack(STACK_BYTES << 8)"),
    mutation("memory", HARMLESS, LIMITER, "if wanted > self.memory_limit {", "if wanted == u64::MAX {"),
    mutation("table_elements", "greedy_modules", LIMITER, "if wanted > self.table_limit {", "if wanted == u64::MAX {"),
    mutation("given_back", "greedy_modules", LIMITER, "let wanted = self.memory.saturating_add(more);", "let wanted = more;"),
    mutation("handles", HARMLESS, TEMPLATE, "usize::try_from(self.limits.handles).unwrap_or(usize::MAX)", "1 << 20"),
    mutation("host_calls", HARMLESS, TEMPLATE, "if self.host_calls > self.limits.host_calls {", "if self.host_calls == u64::MAX {"),
    mutation("result_bytes", HARMLESS, TEMPLATE, "usize::try_from(self.limits.result_bytes).unwrap_or(usize::MAX)", "usize::MAX"),
    mutation("result_rows", HARMLESS, SINK, "if used > limit {", "if used == u64::MAX {"),
    mutation("log_bytes", HARMLESS, TEMPLATE, "if self.log_bytes > self.limits.log_bytes {", "if self.log_bytes == u64::MAX {"),
    mutation("state_bytes", "harmless_aggregates", "host/functions/src/statistics.rs", "if used <= self.limit {", "if used <= u64::MAX {"),
    mutation("limits_of_describe", "declarations", "host/functions/src/describe.rs", "Limits::describe()", "Limits::steps()"),
    mutation("ungranted_imports", "loading", TEMPLATE, "if !ungranted.is_empty() {", "if ungranted.len() > 1_000 {"),
    mutation("not_used_again", HARMLESS, INSTANCE, "self.poisoned = outcome.is_err();", "self.poisoned = false;"),
    mutation("measured_always", HARMLESS, INSTANCE,
        "if self.store.data().measuring == Measuring::Off {",
        "if self.store.data().measuring == Measuring::Off || !matches!(self.outcome, Outcome::Returned) {"),
    mutation("stale_slots", "types", "host/functions/src/columns/arguments.rs",
        "copy_valid(values, 1, validity, copy);", "{ copy.clear(); copy.extend_from_slice(values); }"),
    mutation("rows", HARMLESS, RESULTS, "if self.rows as usize != output.rows() {", "if self.rows == u32::MAX {"),
    mutation("rows_of_values", HARMLESS, VECTOR, "if actual == self.rows { Ok(()) }", "if actual < usize::MAX { Ok(()) }"),
    mutation("rows_of_bits", HARMLESS, VECTOR, "if bits.len() != self.rows.div_ceil(8) {", "if bits.len() < self.rows.div_ceil(8) {"),
    mutation("physical_types", HARMLESS, VECTOR, "if self.kind.physical() != T::PHYSICAL {", "if size_of::<T>() > 8 {"),
    mutation("children", HARMLESS, RESULTS, "if actual != expected {", "if actual < expected {"),
    mutation("validity", HARMLESS, VECTOR, "if bitmap.len() != expected {", "if bitmap.len() == usize::MAX {"),
    mutation("offsets_start", HARMLESS, CHECKS, "if offsets[0] != 0 {", "if offsets[0] == u32::MAX {"),
    mutation("offsets_fall", HARMLESS, CHECKS, "position(|pair| pair[1] < pair[0])", "position(|pair| pair.is_empty())"),
    mutation("offsets_end", HARMLESS, CHECKS, "Some(&offset) if offset as usize != bytes =>", "Some(&offset) if offset == u32::MAX =>"),
    mutation("utf8", HARMLESS, CHECKS, "match str::from_utf8(bytes) {", "match str::from_utf8(&bytes[..0]) {"),
    mutation("utf8_of_rows", HARMLESS, CHECKS, "position(|offset| !text.is_char_boundary(*offset as usize))", "position(|offset| *offset == u32::MAX)"),
    mutation("range", HARMLESS, CHECKS, "if (value < low || value > high)", "if (value < low && value > high)"),
    mutation("encoding", "types", CHECKS, "LogicalType::Bit => is_bit_string,", "LogicalType::Bit => |_: &[u8]| true,"),
    mutation("zones", "types", CHECKS,
        "let is_time = |value: i128| value >> 24 <= 86_400_000_000 && value & 0xFF_FFFF <= 2 * MOST_OFFSET;",
        "let is_time = |value: i128| value <= i128::MAX - MOST_OFFSET;"),
    mutation("nested_sizes", "nested_lies", RESULTS,
        "LogicalType::Array(_, expected) if expected != size => {", "LogicalType::Array(_, expected) if expected > &u32::MAX => {"),
    mutation("nested_fields", "nested_lies", RESULTS, "LogicalType::Struct(_) if actual == expected => {}", "LogicalType::Struct(_) if actual < usize::MAX => {}"),
    mutation("map_keys", "nested_lies", RESULTS, "output.check_map()?;", ""),
    mutation("emitted_once", HARMLESS, SINK, "if guest.embedder.results.emitted > 0 {", "if guest.embedder.results.emitted == u32::MAX {"),
    mutation("emitted_at_all", HARMLESS, SINK, "0 => Err(Refusal", "u32::MAX => Err(Refusal"),
    mutation("emitted_in_time", HARMLESS, "host/database/src/vector/slot.rs", "*self.0.lock() = None;", ""),
    mutation("states_fixed", "harmless_aggregates", STATES, "if states.len() != count * width {", "if states.len() == usize::MAX {"),
    mutation("states_count", "harmless_aggregates", STATES, "if offsets.len() != count + 1 {", "if offsets.len() == usize::MAX {"),
    mutation("states_fall", "harmless_aggregates", STATES, "position(|pair| pair[1] < pair[0])", "position(|pair| pair.is_empty())"),
    mutation("states_end", "harmless_aggregates", STATES, "if offsets[count] as usize != states.len() {", "if states.len() == usize::MAX {"),
    mutation("states_not_destroyed", "window_exclusion", "host/database/src/session.rs", "session.check_exclusion(sql)?;", ""),
    mutation("batches_most", "table_misdeeds", BATCHES, "if rows > most {", "if rows == u32::MAX {"),
    mutation("batches_none", "table_misdeeds", BATCHES, "if rows == 0 {", "if rows == u32::MAX {"),
    mutation("batches_columns", "table_misdeeds", BATCHES, "if columns.len() != output.columns() {", "if columns.len() == usize::MAX {"),
    mutation("partitions", "table_misdeeds", "host/functions/src/table/shape.rs", "if !(1..=MOST_PARTITIONS).contains(&partitions) {", "if partitions == u32::MAX - 1 {"),
    mutation("fields", "table_misdeeds", "host/functions/src/table/shape.rs", "if fields.len() == 0 || fields.len() > MOST_FIELDS {", "if fields.len() == usize::MAX {"),
    mutation("messages", HARMLESS, "host/functions/src/declaration.rs", "text.chars().take(MOST)", "text.chars().take(MOST << 20)"),
    mutation("control_characters", HARMLESS, "host/functions/src/declaration.rs", "if c.is_control() && c != '\\n' {", "if c == '\\u{0}' {"),
    mutation("names", "declarations", "host/functions/src/declaration.rs", "if is_path(&name) {", "if !name.is_empty() {"),
    mutation("types_named", "declarations", "host/functions/src/library.rs", "if functions.len() > MOST_FUNCTIONS {", "if functions.len() == usize::MAX {"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::MUTATIONS;
    use crate::workspace::Workspace;

    /// A guard that was moved or written anew has to be found again, or nobody tries any more what happens without it.
    #[test]
    fn each_guard_stands_where_it_is_taken_away() {
        let workspace = Workspace::locate().expect("cargo says where it is");
        let mut names = HashSet::new();
        for mutation in MUTATIONS {
            assert!(names.insert(mutation.guard), "two guards are called {}", mutation.guard);
            let text = std::fs::read_to_string(workspace.root.join(mutation.file)).expect("the file is there");
            let found = text.matches(mutation.from).count();
            assert_eq!(found, 1, "{}: `{}` in {}", mutation.guard, mutation.from, mutation.file);
        }
    }
}
