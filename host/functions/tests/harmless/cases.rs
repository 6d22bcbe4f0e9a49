//! What a function may do, and what comes of it. Each case says which guard it is for: without that guard it fails.

use std::time::Duration;

/// A misbehaving function in a query over 100 rows.
pub struct Case {
    pub function: &'static str,
    /// What keeps it from doing harm.
    pub guard: &'static str,
    /// Beyond the limits of functions.
    pub limits: &'static [(&'static str, &'static str)],
    pub end: End,
    /// By when the query has ended.
    pub within: Duration,
    /// MiB by which the process may grow meanwhile.
    pub growth: u64,
}

/// How its query ends.
pub enum End {
    /// With this value: there was nothing to refuse.
    Value(&'static str),
    /// With an error; parts of its message behind the names of function and component, in their order.
    Error {
        message: &'static [&'static str],
        /// Why the instance is thrown away; nothing where the function failed in a way it may.
        reason: Option<&'static str>,
        /// The limit that was reached.
        limit: Option<&'static str>,
        at: Phase,
    },
}

/// When the function is stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Open,
    Batch,
}

/// How long a call may take after its limit on a machine that does other things as well.
pub const SLACK: Duration = Duration::from_millis(500);

/// Fuel that lasts for hours.
pub const ENDLESS: (&str, &str) = ("fuel", "100T");

const CONTRACT: &str = "\nhint: the component breaks its contract; tell its author";
const FUEL: &[&str] = &["fuel limit reached: used 500,000,000 of 500,000,000 in one call, after 0 rows"];
const WRONG_TYPE: &[&str] = &["the values are not of the physical type of BIGINT", CONTRACT];
const WITHIN_TIME: Duration = Duration::from_millis(100 + 20).saturating_add(SLACK);
const A_TENTH_OF_A_SECOND: &[(&str, &str)] = &[ENDLESS, ("time", "100ms")];
const TIME: &[&str] = &["time limit reached: ran ", " ms where 100 ms are allowed for one call, after 0 rows"];

const fn case(guard: &'static str, function: &'static str, end: End) -> Case {
    Case { function, guard, limits: &[], end, within: Duration::from_secs(2), growth: 16 }
}

const fn error(message: &'static [&'static str], reason: Option<&'static str>, limit: Option<&'static str>) -> End {
    End::Error { message, reason, limit, at: Phase::Batch }
}

/// The contract is broken.
const fn denied(guard: &'static str, function: &'static str, message: &'static [&'static str]) -> Case {
    case(guard, function, error(message, Some("denied"), None))
}

/// The engine stops it.
const fn crash(guard: &'static str, function: &'static str, message: &'static [&'static str]) -> Case {
    case(guard, function, error(message, Some("trap"), None))
}

/// It fails by itself, which is its right.
const fn failure(guard: &'static str, function: &'static str, message: &'static [&'static str]) -> Case {
    case(guard, function, error(message, None, None))
}

/// A limit stops it.
const fn limited(guard: &'static str, function: &'static str, message: &'static [&'static str]) -> Case {
    case(guard, function, error(message, Some("limit"), Some(guard)))
}

const fn with(case: Case, limits: &'static [(&'static str, &'static str)]) -> Case {
    Case { limits, ..case }
}

/// 500 million instructions, even on a slow machine.
const fn slow(case: Case) -> Case {
    Case { within: Duration::from_secs(5), ..case }
}

/// What the function itself takes is 64 MiB at the most.
const fn large(case: Case) -> Case {
    Case { growth: 96, ..case }
}

/// One that is stopped before there is a batch.
const fn opening(case: Case) -> Case {
    let End::Error { message, reason, limit, .. } = case.end else { panic!("it ends well") };
    Case { end: End::Error { message, reason, limit, at: Phase::Open }, ..case }
}

const FUEL_GUARD: &str = "fuel";
const TIME_GUARD: &str = "time";
const MEMORY: &str = "memory";
const ENGINE: &str = "the engine's sandbox";
const CANONICAL: &str = "the engine's check of lists and strings";
const HANDLES: &str = "the engine's table of handles";
const ROWS: &str = "check_rows";
const TYPES: &str = "the check of physical types";
const OFFSETS: &str = "check_offsets";
const UTF8: &str = "check_utf8";
const RANGE: &str = "check_range";
const VALIDITY: &str = "the check of validity";
const ONCE: &str = "the count of emitted columns";
const TEXT: &str = "limited";
const NOTHING: &str = "nothing to guard against";

pub const CASES: &[Case] = &[
    // Running for ever.
    slow(limited(
        FUEL_GUARD,
        "loop_forever",
        &["fuel limit reached: used 500,000,000 of 500,000,000 in one call, after 0 rows\n\
             hint: raise it with `limits.fuel` for `evil` in duckpen.toml, or with `--limits fuel=...`"],
    )),
    with(
        limited(FUEL_GUARD, "loop_forever", &["fuel limit reached: used 1,000,000 of 1,000,000 in one call"]),
        &[("fuel", "1M")],
    ),
    Case {
        within: WITHIN_TIME,
        ..with(
            limited(
                TIME_GUARD,
                "loop_forever",
                &[
                    "time limit reached: ran 1",
                    " ms where 100 ms are allowed for one call, after 0 rows\n\
                     hint: raise it with `limits.time` for `evil` in duckpen.toml, or with `--limits time=...`",
                ],
            ),
            A_TENTH_OF_A_SECOND,
        )
    },
    // An instruction that moves 48 MiB is one unit of fuel, and is not interrupted.
    large(with(limited(TIME_GUARD, "fill_forever", TIME), A_TENTH_OF_A_SECOND)),
    large(with(limited(TIME_GUARD, "copy_forever", TIME), A_TENTH_OF_A_SECOND)),
    slow(opening(limited(FUEL_GUARD, "loop_in_open", FUEL))),
    slow(limited(FUEL_GUARD, "loop_in_allocation", FUEL)),
    slow(limited(FUEL_GUARD, "loop_in_post_return", FUEL)),
    slow(limited(FUEL_GUARD, "loop_in_destructor", FUEL)),
    slow(limited(FUEL_GUARD, "emit_then_loop", FUEL)),
    // The host drops an instance as a whole, and runs nothing of it.
    case(NOTHING, "loop_on_drop", End::Value("0")),
    // Taking memory.
    large(limited(
        MEMORY,
        "memory_fill",
        &[
            "memory limit reached: wanted 6",
            " MiB where 64.0 MiB are allowed, after 0 rows\n\
             hint: raise it with `limits.memory` for `evil` in duckpen.toml, or with `--limits memory=...`",
        ],
    )),
    with(
        limited(MEMORY, "memory_fill", &["memory limit reached: wanted", "where 8.0 MiB are allowed"]),
        &[("memory", "8MiB")],
    ),
    limited(MEMORY, "allocate_2_gib", &["memory limit reached: wanted 20", " MiB where 64.0 MiB are allowed"]),
    // It has 19 pages before it begins: 1,024 are allowed.
    case(MEMORY, "grow_until_refused", End::Value("1005")),
    // Without the limit the engine would allow a hundred thousand, for which this fuel is not enough.
    with(
        limited(
            "handles",
            "hoard_handles",
            &["handles limit reached: 10,001 where 10,000 are allowed, after 0 rows\n\
             hint: raise it with `limits.handles` for `evil` in duckpen.toml"],
        ),
        &[("fuel", "300k")],
    ),
    // Nesting too deeply.
    crash(
        ENGINE,
        "recurse",
        &[
            "crashed: wasm trap: out of bounds memory access in `duckpen_evil::misdeeds::running::recurse::deeper`: its \
             stack is full, `duckpen_evil::misdeeds::running::recurse::deeper` calls itself too deeply, after 0 rows",
        ],
    ),
    limited(
        "stack",
        "recurse_without_memory",
        &["stack limit reached: calls are nested too deeply (stack of 524288 bytes), after 0 rows"],
    ),
    // Reaching for what is not its own.
    crash(ENGINE, "trap", &["crashed: wasm trap: wasm `unreachable` instruction executed", ", after 0 rows"]),
    crash(ENGINE, "panic", &["crashed: wasm trap: wasm `unreachable` instruction executed"]),
    crash(ENGINE, "read_outside", &["crashed: wasm trap: out of bounds memory access in", "read_outside`"]),
    crash(ENGINE, "write_outside", &["crashed: wasm trap: out of bounds memory access in", "write_outside`"]),
    crash(ENGINE, "call_nowhere", &["crashed: wasm trap: undefined element: out of bounds table access"]),
    crash(ENGINE, "call_as_another", &["crashed: wasm trap: indirect call type mismatch"]),
    opening(crash(ENGINE, "trap_in_open", &["crashed: wasm trap: wasm `unreachable` instruction executed"])),
    crash(ENGINE, "trap_in_allocation", &["crashed: wasm trap: wasm `unreachable` instruction executed"]),
    crash(ENGINE, "trap_in_post_return", &["crashed: wasm trap: wasm `unreachable` instruction executed"]),
    crash(ENGINE, "emit_then_trap", &["crashed: wasm trap: wasm `unreachable` instruction executed"]),
    crash(CANONICAL, "misaligned_allocation", &["crashed: realloc return: result not aligned, after 0 rows"]),
    crash(CANONICAL, "allocation_outside", &["crashed: realloc return: beyond end of memory, after 0 rows"]),
    // Handles.
    opening(crash(HANDLES, "forged_evaluator", &["crashed: unknown handle index 12345, after 0 rows"])),
    opening(crash(HANDLES, "evaluator_zero", &["crashed: unknown handle index 0, after 0 rows"])),
    crash(HANDLES, "drop_own_handle", &["crashed: unknown handle index 1 in"]),
    crash(HANDLES, "drop_forged_handle", &["crashed: unknown handle index 12345 in"]),
    crash(HANDLES, "drop_handle_twice", &["crashed: unknown handle index 1 in"]),
    crash(HANDLES, "look_into_forged_handle", &["crashed: unknown handle index 12345 in"]),
    // Columns of another length than there are rows.
    denied(
        ROWS,
        "wrong_row_count",
        &["the results are not what was declared: 99 rows where 100 are expected, after 0 rows", CONTRACT],
    ),
    denied(
        ROWS,
        "too_many_rows",
        &["the results are not what was declared: 101 rows where 100 are expected", CONTRACT],
    ),
    denied(
        ROWS,
        "too_few_values",
        &["the results are not what was declared: 99 rows where 100 are expected", CONTRACT],
    ),
    denied(
        ROWS,
        "too_many_bits",
        &["the results are not what was declared: 112 rows where 100 are expected", CONTRACT],
    ),
    with(
        limited("result_rows", "loop_on_drop", &["result_rows limit reached: 100 where 50 are allowed, after 0 rows"]),
        &[("result_rows", "50")],
    ),
    denied(VALIDITY, "short_validity", &["the validity bitmap has 12 bytes where 13 are expected", CONTRACT]),
    denied(VALIDITY, "long_validity", &["the validity bitmap has 1048576 bytes where 13 are expected", CONTRACT]),
    // Columns of another type.
    denied(TYPES, "wrong_type", WRONG_TYPE),
    denied(TYPES, "stray_child", WRONG_TYPE),
    large(denied(TYPES, "children_flood", WRONG_TYPE)),
    denied(TYPES, "list_for_number", WRONG_TYPE),
    denied(TYPES, "struct_of_4_billion", WRONG_TYPE),
    denied(TYPES, "same_bytes_again_and_again", WRONG_TYPE),
    // Lists that are not there.
    crash(CANONICAL, "two_billion_values", &["crashed: list pointer/length out of bounds of memory in"]),
    crash(CANONICAL, "values_outside", &["crashed: list pointer/length out of bounds of memory in"]),
    crash(CANONICAL, "values_not_aligned", &["crashed: list pointer is not aligned in"]),
    // Texts.
    denied(UTF8, "bad_utf8", &["the results are not what was declared: row 0 is not valid UTF-8", CONTRACT]),
    denied(UTF8, "utf8_surrogate", &["the results are not what was declared: row 0 is not valid UTF-8", CONTRACT]),
    denied(UTF8, "utf8_overlong", &["the results are not what was declared: row 0 is not valid UTF-8", CONTRACT]),
    denied(UTF8, "utf8_cut", &["the results are not what was declared: row 99 is not valid UTF-8", CONTRACT]),
    denied(
        OFFSETS,
        "bad_offsets",
        &["the results are not what was declared: the offsets do not begin with 0", CONTRACT],
    ),
    denied(OFFSETS, "offsets_start_late", &["the offsets do not begin with 0", CONTRACT]),
    denied(OFFSETS, "offsets_fall", &["the offset of row 50 is smaller than the one before it", CONTRACT]),
    denied(OFFSETS, "offsets_past_end", &["the last offset is 200 where there are 100 bytes", CONTRACT]),
    denied(ROWS, "too_few_offsets", &["99 rows where 100 are expected", CONTRACT]),
    denied(OFFSETS, "no_offsets", &["the offsets do not begin with 0", CONTRACT]),
    // Values that their types do not have.
    denied(RANGE, "too_many_digits", &["row 0 is out of the range of DECIMAL(4,1)", CONTRACT]),
    denied(RANGE, "far_too_many_digits", &["row 0 is out of the range of DECIMAL(38,10)", CONTRACT]),
    denied(RANGE, "late_time", &["row 0 is out of the range of TIME", CONTRACT]),
    denied(RANGE, "early_date", &["row 0 is out of the range of DATE", CONTRACT]),
    denied(RANGE, "early_timestamp", &["row 0 is out of the range of TIMESTAMP", CONTRACT]),
    // Emitting not once.
    denied(ONCE, "no_emit", &["a batch was evaluated and no results were emitted", CONTRACT]),
    denied(ONCE, "emit_twice", &["results were emitted twice for one batch", CONTRACT]),
    opening(denied("OutputSlot", "emit_in_open", &["results were emitted outside of a batch", CONTRACT])),
    // Telling.
    failure(
        NOTHING,
        "fail",
        &["this row is not to its taste\n  in row 50 of this thread: fail(x = 50)\nhint: try another row"],
    ),
    failure(NOTHING, "emit_then_fail", &["after all"]),
    opening(failure(NOTHING, "fail_in_open", &["it does not open"])),
    failure(TEXT, "huge_message", &["xxxxxxxx", "xx ..."]),
    failure(TEXT, "huge_hint", &["short\nhint: hhhh", "hh ..."]),
    failure(TEXT, "message_of_controls", &["\u{FFFD}[2J\u{FFFD}\u{FFFD}end"]),
    crash(CANONICAL, "message_of_1_gib", &["crashed: string pointer/length out of bounds of memory, after 0 rows"]),
    crash(
        CANONICAL,
        "message_without_utf8",
        &["crashed: invalid utf-8 sequence of 1 bytes from index 0, after 0 rows"],
    ),
    with(
        limited(
            "result_bytes",
            "huge_message",
            &["result_bytes limit reached: more than 65536 bytes in one host call, after 0 rows\n\
                 hint: raise it with `limits.result_bytes` for `evil` in duckpen.toml"],
        ),
        &[("result_bytes", "64KiB")],
    ),
    with(
        limited(
            "result_bytes",
            "huge_result",
            &["result_bytes limit reached: more than 1.0 MiB in one host call", "`limits.result_bytes`"],
        ),
        &[("result_bytes", "1MiB")],
    ),
    limited(
        "host_calls",
        "log_flood",
        &["host_calls limit reached: 10,001 where 10,000 are allowed, after 0 rows\n\
             hint: raise it with `limits.host_calls` for `evil` in duckpen.toml"],
    ),
    case("log_bytes", "log_long_lines", End::Value("0")),
    crash(CANONICAL, "log_without_utf8", &["crashed: invalid utf-8 sequence of 1 bytes from index 0 in"]),
    crash(CANONICAL, "log_outside", &["crashed: string pointer/length out of bounds of memory in"]),
];
