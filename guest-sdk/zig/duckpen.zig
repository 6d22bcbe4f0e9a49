//! Functions for SQL in Zig: what `duckpen.h` says, in the words of Zig.
//!
//! ```zig
//! const duckpen = @import("duckpen");
//!
//! fn twice(batch: *duckpen.Batch) callconv(.c) void {
//!     for (0..batch.rows) |row| batch.results.putInt(2 * batch.int(0, row));
//! }
//!
//! export const duckpen_scalars = [_]duckpen.Scalar{
//!     .{ .name = "twice", .parameters = duckpen.parameters(&.{.{ "number", "BIGINT" }}), .returns = "BIGINT", .evaluate = twice },
//!     .{},
//! };
//! export const duckpen_aggregates = [_]duckpen.Aggregate{.{}};
//! ```
//!
//! Each list ends with an empty entry.

/// Parameters one function may have.
pub const most_parameters = 8;

/// How values lie in memory.
pub const Layout = enum(c_uint) { bits, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, words128, bytes };

/// An argument: a value for each row, or one for all of them.
pub const Column = extern struct {
    layout: Layout,
    values: *const anyopaque,
    offsets: ?[*]const u32,
    validity: ?[*]const u8,
    /// 0 where one value holds for all rows, else 1.
    stride: u32,

    fn at(column: *const Column, comptime T: type, row: usize) T {
        const values: [*]const T = @ptrCast(@alignCast(column.values));
        return values[row * column.stride];
    }
};

/// Where results go: one is put for each row, in order.
pub const Results = opaque {
    extern fn duckpen_put_null(results: *Results) void;
    extern fn duckpen_put_bool(results: *Results, value: bool) void;
    extern fn duckpen_put_int(results: *Results, value: i64) void;
    extern fn duckpen_put_double(results: *Results, value: f64) void;
    extern fn duckpen_put_text(results: *Results, data: [*]const u8, size: usize) void;
    extern fn duckpen_room(results: *Results, size: usize) [*]u8;
    extern fn duckpen_put_room(results: *Results, size: usize) void;

    pub const putNull = duckpen_put_null;
    pub const putBool = duckpen_put_bool;
    pub const putInt = duckpen_put_int;
    pub const putDouble = duckpen_put_double;

    pub fn putText(results: *Results, text: []const u8) void {
        duckpen_put_text(results, text.ptr, text.len);
    }

    /// Room for a text of up to `size` bytes that is written in place; `putRoom` says how long it has become.
    pub fn room(results: *Results, size: usize) []u8 {
        return duckpen_room(results, size)[0..size];
    }

    pub const putRoom = duckpen_put_room;
};

/// Rows to compute, and where their results go.
pub const Batch = extern struct {
    rows: u32,
    argument_count: u32,
    arguments: [*]const Column,
    results: *Results,
    failure: ?[*:0]const u8,
    failed_row: u32,

    /// Says what is wrong with a row: an error of the query. The text has to last.
    pub fn fail(batch: *Batch, row: usize, message: [*:0]const u8) void {
        if (batch.failure == null) {
            batch.failure = message;
            batch.failed_row = @intCast(row);
        }
    }

    pub fn isNull(batch: *const Batch, argument: usize, row: usize) bool {
        const column = &batch.arguments[argument];
        const at = row * column.stride;
        const validity = column.validity orelse return false;
        return validity[at >> 3] >> @intCast(at & 7) & 1 == 0;
    }

    pub fn boolean(batch: *const Batch, argument: usize, row: usize) bool {
        const column = &batch.arguments[argument];
        const at = row * column.stride;
        const bits: [*]const u8 = @ptrCast(column.values);
        return bits[at >> 3] >> @intCast(at & 7) & 1 == 1;
    }

    /// An integer of any width, a date, a time, a timestamp, an unscaled decimal.
    pub fn int(batch: *const Batch, argument: usize, row: usize) i64 {
        const column = &batch.arguments[argument];
        return switch (column.layout) {
            .int64, .uint64 => column.at(i64, row),
            .int32 => column.at(i32, row),
            .uint32 => column.at(u32, row),
            .int16 => column.at(i16, row),
            .uint16 => column.at(u16, row),
            .int8 => column.at(i8, row),
            .uint8 => column.at(u8, row),
            else => 0,
        };
    }

    pub fn double(batch: *const Batch, argument: usize, row: usize) f64 {
        const column = &batch.arguments[argument];
        return switch (column.layout) {
            .float64 => column.at(f64, row),
            .float32 => column.at(f32, row),
            else => 0,
        };
    }

    pub fn text(batch: *const Batch, argument: usize, row: usize) []const u8 {
        const column = &batch.arguments[argument];
        const offsets = column.offsets orelse return "";
        const at = row * column.stride;
        const bytes: [*]const u8 = @ptrCast(column.values);
        return bytes[offsets[at]..offsets[at + 1]];
    }
};

pub const Parameter = extern struct {
    name: ?[*:0]const u8 = null,
    type: ?[*:0]const u8 = null,
};

pub const Parameters = [most_parameters]Parameter;

/// Parameters from pairs of name and type.
pub fn parameters(comptime pairs: []const struct { [*:0]const u8, [*:0]const u8 }) Parameters {
    var list: Parameters = @splat(.{});
    for (pairs, 0..) |pair, index| list[index] = .{ .name = pair[0], .type = pair[1] };
    return list;
}

pub const Nulls = enum(c_uint) {
    /// A row with a NULL argument gives NULL, or is left out by an aggregate.
    propagate,
    /// The function sees NULLs: `isNull`.
    called_on_null,
};

pub const Stability = enum(c_uint) { consistent, @"volatile" };

pub const Scalar = extern struct {
    name: ?[*:0]const u8 = null,
    parameters: Parameters = @splat(.{}),
    returns: ?[*:0]const u8 = null,
    nulls: Nulls = .propagate,
    stability: Stability = .consistent,
    doc: ?[*:0]const u8 = null,
    /// Puts a result for each row. Where NULLs propagate, what it says of a row with a NULL is ignored.
    evaluate: ?*const fn (*Batch) callconv(.c) void = null,
};

pub const Aggregate = extern struct {
    name: ?[*:0]const u8 = null,
    parameters: Parameters = @splat(.{}),
    returns: ?[*:0]const u8 = null,
    nulls: Nulls = .propagate,
    doc: ?[*:0]const u8 = null,
    state_size: usize = 0,
    initial: ?*const anyopaque = null,
    step: ?*const fn (*anyopaque, *Batch, u32) callconv(.c) void = null,
    merge: ?*const fn (*anyopaque, *const anyopaque) callconv(.c) void = null,
    finish: ?*const fn (*const anyopaque, *Results) callconv(.c) void = null,

    /// An aggregate of a state type that has `step(*State, *Batch, row)`, `merge(*State, *const State)` and
    /// `finish(*const State, *Results)`, and defaults for its fields: the state of a group without rows.
    pub fn of(comptime State: type, comptime declaration: Declaration) Aggregate {
        const Calls = struct {
            const initial = State{};

            fn step(state: *anyopaque, batch: *Batch, row: u32) callconv(.c) void {
                State.step(@ptrCast(@alignCast(state)), batch, row);
            }
            fn merge(state: *anyopaque, other: *const anyopaque) callconv(.c) void {
                State.merge(@ptrCast(@alignCast(state)), @ptrCast(@alignCast(other)));
            }
            fn finish(state: *const anyopaque, results: *Results) callconv(.c) void {
                State.finish(@ptrCast(@alignCast(state)), results);
            }
        };
        return .{
            .name = declaration.name,
            .parameters = declaration.parameters,
            .returns = declaration.returns,
            .nulls = declaration.nulls,
            .doc = declaration.doc,
            .state_size = @sizeOf(State),
            .initial = &Calls.initial,
            .step = Calls.step,
            .merge = Calls.merge,
            .finish = Calls.finish,
        };
    }
};

/// What an aggregate says of itself.
pub const Declaration = struct {
    name: [*:0]const u8,
    parameters: Parameters,
    returns: [*:0]const u8,
    nulls: Nulls = .propagate,
    doc: ?[*:0]const u8 = null,
};
