//! A function on texts, one that sees NULL, and an aggregate.

const std = @import("std");
const duckpen = @import("duckpen");

fn initials(batch: *duckpen.Batch) callconv(.c) void {
    for (0..batch.rows) |row| {
        const name = batch.text(0, row);
        const letters = batch.results.room(name.len);
        var count: usize = 0;
        var words = std.mem.tokenizeScalar(u8, name, ' ');
        while (words.next()) |word| : (count += 1) letters[count] = std.ascii.toUpper(word[0]);
        batch.results.putRoom(count);
    }
}

fn coalesceText(batch: *duckpen.Batch) callconv(.c) void {
    for (0..batch.rows) |row| {
        const chosen: usize = if (batch.isNull(0, row)) 1 else 0;
        if (batch.isNull(chosen, row)) batch.results.putNull() else batch.results.putText(batch.text(chosen, row));
    }
}

const Mean = extern struct {
    logarithms: f64 = 0,
    count: u64 = 0,

    pub fn step(mean: *Mean, batch: *duckpen.Batch, row: u32) void {
        const number = batch.double(0, row);
        if (!(number > 0)) return batch.fail(row, "the number is not positive");
        mean.logarithms += @log(number);
        mean.count += 1;
    }

    pub fn merge(mean: *Mean, other: *const Mean) void {
        mean.logarithms += other.logarithms;
        mean.count += other.count;
    }

    pub fn finish(mean: *const Mean, results: *duckpen.Results) void {
        if (mean.count == 0) return results.putNull();
        results.putDouble(@exp(mean.logarithms / @as(f64, @floatFromInt(mean.count))));
    }
};

export const duckpen_scalars = [_]duckpen.Scalar{
    .{
        .name = "initials_zig",
        .parameters = duckpen.parameters(&.{.{ "name", "VARCHAR" }}),
        .returns = "VARCHAR",
        .doc = "The first letters of the words of a name.",
        .evaluate = initials,
    },
    .{
        .name = "coalesce_text_zig",
        .parameters = duckpen.parameters(&.{ .{ "a", "VARCHAR" }, .{ "b", "VARCHAR" } }),
        .returns = "VARCHAR",
        .nulls = .called_on_null,
        .doc = "The first of two texts that is not NULL.",
        .evaluate = coalesceText,
    },
    .{},
};

export const duckpen_aggregates = [_]duckpen.Aggregate{
    duckpen.Aggregate.of(Mean, .{
        .name = "geometric_mean_zig",
        .parameters = duckpen.parameters(&.{.{ "number", "DOUBLE" }}),
        .returns = "DOUBLE",
        .doc = "The geometric mean of positive numbers.",
    }),
    .{},
};
