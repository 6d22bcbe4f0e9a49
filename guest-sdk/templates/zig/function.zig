//! Functions for SQL.

const duckpen = @import("duckpen");

/// A greeting, written in place: there is room for the name and what stands around it.
fn __NAME__(batch: *duckpen.Batch) callconv(.c) void {
    for (0..batch.rows) |row| {
        const name = batch.text(0, row);
        const greeting = batch.results.room(name.len + 8);
        @memcpy(greeting[0..7], "Hello, ");
        @memcpy(greeting[7..][0..name.len], name);
        greeting[7 + name.len] = '!';
        batch.results.putRoom(greeting.len);
    }
}

export const duckpen_scalars = [_]duckpen.Scalar{
    .{
        .name = "__NAME__",
        .parameters = duckpen.parameters(&.{.{ "name", "VARCHAR" }}),
        .returns = "VARCHAR",
        .doc = "A greeting.",
        .evaluate = __NAME__,
    },
    .{},
};

export const duckpen_aggregates = [_]duckpen.Aggregate{.{}};
