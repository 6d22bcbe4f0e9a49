//! The guards between the host and those it does not trust, and how each is taken away.

/// A place at which a guard is taken away, and the tests that have to fail then.
pub struct Mutation {
    /// The guard, by the name that it is chosen by. One may stand in several places.
    pub guard: &'static str,
    /// A test target of the workspace.
    pub test: &'static str,
    /// In the repository.
    pub file: &'static str,
    /// What stands there, once, with the guarding expression between `⟦` and `⟧`.
    pub place: &'static str,
    /// An expression of the same type that guards nothing.
    pub without: &'static str,
}

impl Mutation {
    /// What stands before the expression, the expression, and what stands behind it.
    pub fn parts(&self) -> Option<[&'static str; 3]> {
        let (before, rest) = self.place.split_once('⟦')?;
        let (guard, behind) = rest.split_once('⟧')?;
        Some([before, guard, behind])
    }
}

const fn mutation(
    guard: &'static str,
    test: &'static str,
    file: &'static str,
    place: &'static str,
    without: &'static str,
) -> Mutation {
    Mutation { guard, test, file, place, without }
}

const HARMLESS: &str = "harmless";
const TEMPLATE: &str = "host/sandbox/src/template.rs";
const INSTANCE: &str = "host/sandbox/src/instance.rs";
const LIMITER: &str = "host/sandbox/src/limiter.rs";
const COMPILER: &str = "host/sandbox/src/compiler/mod.rs";
const VECTOR: &str = "host/database/src/vector.rs";
const CHECKS: &str = "host/database/src/vector/checks.rs";
const RESULTS: &str = "host/functions/src/columns/results.rs";
const SINK: &str = "host/functions/src/columns/sink.rs";
const STATES: &str = "host/functions/src/aggregate/buffer.rs";
const BATCHES: &str = "host/functions/src/table/batches.rs";
const SHAPE: &str = "host/functions/src/table/shape.rs";
const DECLARATION: &str = "host/functions/src/declaration.rs";
const CLIENT: &str = "host/connectors/src/http/client.rs";
const BODY: &str = "host/connectors/src/http/body.rs";
const GRANTS: &str = "host/steps/src/grants.rs";
const POLICY: &str = "host/connectors/src/network/policy.rs";

/// One place a line, in the order of the way of a call: limits, what comes back, what is told; then what connectors may ask
/// and give, and which files are read.
#[rustfmt::skip]
pub const MUTATIONS: &[Mutation] = &[
    mutation("fuel", HARMLESS, TEMPLATE, "⟦store.set_fuel(fuel)⟧", "store.set_fuel(u64::MAX - fuel)"),
    mutation("time", HARMLESS, TEMPLATE, "(⟦elapsed >= self.limits.time⟧).then_some", "false"),
    mutation("stack", HARMLESS, "host/sandbox/src/engine.rs", ".max_wasm_stack(⟦STACK_BYTES⟧)", "STACK_BYTES << 2"),
    mutation("memory", HARMLESS, LIMITER, "if ⟦wanted > self.memory_limit⟧ {", "false"),
    mutation("table_elements", "greedy_modules", LIMITER, "if ⟦wanted > self.table_limit⟧ {", "false"),
    mutation("given_back", "greedy_modules", LIMITER, "let wanted = ⟦self.memory.saturating_add(more)⟧;", "more"),
    mutation("handles", HARMLESS, TEMPLATE, "⟦usize::try_from(self.limits.handles).unwrap_or(usize::MAX)⟧", "1 << 20"),
    mutation("host_calls", HARMLESS, TEMPLATE, "if ⟦self.host_calls > self.limits.host_calls⟧ {", "false"),
    mutation("result_bytes", HARMLESS, TEMPLATE, "⟦usize::try_from(self.limits.result_bytes).unwrap_or(usize::MAX)⟧", "usize::MAX"),
    mutation("result_rows", HARMLESS, SINK, "if ⟦used > limit⟧ {", "false"),
    mutation("log_bytes", HARMLESS, TEMPLATE, "if ⟦self.log_bytes > self.limits.log_bytes⟧ {", "false"),
    mutation("state_bytes", "harmless_aggregates", "host/functions/src/statistics.rs", "if ⟦used <= self.limit⟧ {", "true"),
    mutation("limits_of_describe", "declarations", "host/functions/src/describe.rs", "⟦Limits::describe()⟧", "Limits::steps()"),
    mutation("ungranted_imports", "loading", TEMPLATE, "if ⟦!ungranted.is_empty()⟧ {", "false"),
    mutation("not_used_again", "harmless_aggregates", INSTANCE, "self.poisoned = ⟦outcome.is_err()⟧;", "false"),
    mutation("measured_always", HARMLESS, INSTANCE,
        "if ⟦self.store.data().measuring == Measuring::Off⟧ {",
        "self.store.data().measuring == Measuring::Off || !matches!(self.outcome, Outcome::Returned)"),
    mutation("compile_memory", "compile_bombs", COMPILER, "memory: ⟦limits.memory⟧, processor", "u64::MAX"),
    mutation("compile_processor", "compile_bombs", COMPILER, "⟦limits.processor_time.as_secs().max(1)⟧ }", "u64::MAX - 1"),
    mutation("compile_size", "compile_bombs", "host/sandbox/src/compiler/subprocess.rs", "if ⟦code.len() as u64 > limits.code⟧ =>", "false"),

    mutation("stale_slots", "types", "host/functions/src/columns/arguments.rs",
        "⟦copy_valid(values, 1, validity, copy)⟧;", "{ copy.clear(); copy.extend_from_slice(values) }"),
    mutation("rows", "nested_lies", RESULTS, "if ⟦self.rows as usize != output.rows()⟧ {", "false"),
    mutation("rows_of_values", HARMLESS, VECTOR, "if ⟦actual == self.rows⟧ { Ok(()) }", "true"),
    mutation("rows_of_bits", HARMLESS, VECTOR, "if ⟦bits.len() != self.rows.div_ceil(8)⟧ {", "bits.len() < self.rows.div_ceil(8)"),
    mutation("physical_types", HARMLESS, VECTOR, "if ⟦self.kind.physical() != T::PHYSICAL⟧ {", "size_of::<T>() > 8"),
    mutation("children", HARMLESS, RESULTS, "if ⟦actual != expected⟧ {", "actual < expected"),
    mutation("validity", HARMLESS, VECTOR, "if ⟦bitmap.len() != expected⟧ {", "false"),
    mutation("offsets_start", HARMLESS, CHECKS, "if ⟦offsets[0] != 0⟧ {", "false"),
    mutation("offsets_fall", HARMLESS, CHECKS, "position(|pair| ⟦pair[1] < pair[0]⟧)", "false"),
    mutation("offsets_end", HARMLESS, CHECKS, "Some(&offset) if ⟦offset as usize != bytes⟧ =>", "false"),
    mutation("utf8", HARMLESS, CHECKS, "match ⟦str::from_utf8(bytes)⟧ {", "str::from_utf8(&bytes[..0])"),
    mutation("utf8_of_rows", HARMLESS, CHECKS, "position(|offset| ⟦!text.is_char_boundary(*offset as usize)⟧)", "false"),
    mutation("range", HARMLESS, CHECKS, "if ⟦(value < low || value > high)⟧", "false"),
    mutation("encoding", "nested_lies", CHECKS, "LogicalType::Bit => ⟦is_bit_string⟧,", "|_: &[u8]| true"),
    mutation("zones", "types", CHECKS,
        "let is_time = |value: i128| ⟦value >> 24 <= 86_400_000_000 && value & 0xFF_FFFF <= 2 * MOST_OFFSET⟧;", "true"),
    mutation("nested_sizes", "nested_lies", RESULTS, "LogicalType::Array(_, expected) if ⟦expected != size⟧ => {", "false"),
    mutation("nested_fields", "nested_lies", RESULTS, "LogicalType::Struct(_) if ⟦actual == expected⟧ => {}", "true"),
    mutation("map_keys", "nested_lies", RESULTS, "⟦output.check_map()⟧?;", "Ok(())"),
    mutation("emitted_once", HARMLESS, SINK, "if ⟦guest.embedder.results.emitted > 0⟧ {", "false"),
    mutation("emitted_at_all", HARMLESS, SINK, "match ⟦self.emitted⟧ {", "self.emitted.max(1)"),
    mutation("emitted_in_time", "scalar_functions", "host/database/src/vector/slot.rs", "⟦*self.0.lock() = None⟧;", "()"),
    mutation("states_fixed", "harmless_aggregates", STATES, "if ⟦states.len() != count * width⟧ {", "false"),
    mutation("states_count", "harmless_aggregates", STATES, "if ⟦offsets.len() != count + 1⟧ {", "false"),
    mutation("states_fall", "harmless_aggregates", STATES, "position(|pair| ⟦pair[1] < pair[0]⟧)", "false"),
    mutation("states_end", "harmless_aggregates", STATES, "if ⟦offsets[count] as usize != states.len()⟧ {", "false"),
    mutation("states_not_destroyed", "window_exclusion", "host/database/src/session.rs", "⟦session.check_exclusion(sql)⟧?;", "Ok(())"),
    mutation("batches_most", "table_misdeeds", BATCHES, "if ⟦rows > most⟧ {", "false"),
    mutation("batches_none", "table_misdeeds", BATCHES, "if ⟦rows == 0⟧ {", "false"),
    mutation("batches_columns", "table_misdeeds", BATCHES, "if ⟦columns.len() != output.columns()⟧ {", "false"),
    mutation("partitions", "table_misdeeds", SHAPE, "if ⟦!(1..=MOST_PARTITIONS).contains(&partitions)⟧ {", "false"),
    mutation("fields", "table_misdeeds", SHAPE, "if ⟦fields.len() == 0 || fields.len() > MOST_FIELDS⟧ {", "false"),
    mutation("messages", HARMLESS, DECLARATION, "text.chars().take(⟦MOST⟧)", "MOST << 20"),
    mutation("control_characters", HARMLESS, DECLARATION, "if ⟦c.is_control() && c != '\\n'⟧ {", "false"),
    mutation("names", "declarations", DECLARATION, "if ⟦is_path(&name)⟧ {", "!name.is_empty()"),
    mutation("types_named", "declarations", "host/functions/src/library.rs", "if ⟦functions.len() > MOST_FUNCTIONS⟧ {", "false"),

    mutation("granted_hosts", "http", CLIENT, "⟦self.grants.check(url)⟧?;", "Ok(())"),
    mutation("network_of_project", "http", POLICY, "Some(hosts) if ⟦!hosts.iter().any(|pattern| pattern.matches(host))⟧ => {", "false"),
    mutation("private_addresses", "http", POLICY, "if ⟦is_public(seen)⟧ || self", "true"),
    mutation("redirected_hosts", "http", "host/connectors/src/http/redirect.rs", "(⟦to.host() == from.host()⟧ &&", "true"),
    mutation("redirects", "http", CLIENT, "if ⟦redirects > redirect::MOST⟧ {", "false"),
    mutation("request_bytes", "http", CLIENT, "if ⟦bytes > limit⟧ {", "false"),
    mutation("response_bytes", "http", BODY, "if ⟦(received.len() + part.len()) as u64 > limit⟧ {", "false"),
    mutation("unpacked_bytes", "http", BODY, "if ⟦unpacked.len() as u64 > limit⟧ {", "false"),
    mutation("request_time", "http", CLIENT, "tokio::time::timeout(⟦self.settings.timeout⟧, self", "self.settings.timeout * 1_000"),
    mutation("request_headers", "http", "host/connectors/src/http/headers.rs",
        "if ⟦HOSTS_OWN.contains(&known)⟧ ||", "false"),
    mutation("credentials_at_home", "http", CLIENT,
        "if ⟦url.host().is_some_and(|host| self.grants.gets_credentials(&host))⟧ {\n            self.credentials", "true"),
    mutation("credentials_repeated", "http", "host/connectors/src/http/redaction.rs", "if ⟦memmem::find(&bytes, secret).is_none()⟧ {", "true"),
    mutation("connector_state", "misdeeds", "host/component_connectors/src/source.rs", "Some(state) if ⟦state.len() > MOST_STATE⟧ => {", "false"),
    mutation("connector_rows", "misdeeds", "host/component_connectors/src/sink.rs", "if ⟦written.rows() > rows⟧ {", "false"),

    mutation("connector_secrets", "misdeeds", "host/component_connectors/src/values.rs",
        "let value = if ⟦parameter.kind == ParameterKind::Secret⟧ {", "false"),

    mutation("query_files", "steps", GRANTS, "if let Some(function) = ⟦found.unclear.first()⟧ {", "None"),
    mutation("query_views", "steps", GRANTS, "&& ⟦transform.relation == Relation::View⟧", "false"),
    mutation("links", "loads", "host/connectors/src/files.rs", "Ok(found) if ⟦found == relative⟧ => {}", "true"),
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
        let mut places = HashSet::new();
        for mutation in MUTATIONS {
            let [before, guard, behind] = mutation.parts().expect("the guard is marked");
            let place = format!("{before}{guard}{behind}");
            assert!(places.insert((mutation.file, place.clone())), "{} stands there twice", mutation.guard);
            let text = std::fs::read_to_string(workspace.root.join(mutation.file)).expect("the file is there");
            let found = text.matches(&place).count();
            assert_eq!(found, 1, "{}: `{place}` in {}", mutation.guard, mutation.file);
        }
    }
}
