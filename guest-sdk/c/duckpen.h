// Functions for SQL in C.
//
// A scalar function computes a result for each row of a batch; an aggregate takes rows into a state of a fixed size.
//
//     #include "duckpen.h"
//
//     static void twice(duckpen_batch *batch) {
//         for (uint32_t row = 0; row < batch->rows; row++) {
//             duckpen_put_int(batch->results, 2 * duckpen_int(batch, 0, row));
//         }
//     }
//
//     const duckpen_scalar duckpen_scalars[] = {
//         {.name = "twice", .parameters = {{"number", "BIGINT"}}, .returns = "BIGINT", .evaluate = twice},
//         DUCKPEN_END,
//     };
//     const duckpen_aggregate duckpen_aggregates[] = {DUCKPEN_END};
//
// | SQL | read with | written with |
// |---|---|---|
// | BOOLEAN | `duckpen_bool` | `duckpen_put_bool` |
// | TINYINT ... BIGINT, UTINYINT ... UBIGINT, DATE, TIME, TIMESTAMP, DECIMAL up to 18 digits | `duckpen_int` | `duckpen_put_int` |
// | FLOAT, DOUBLE | `duckpen_double` | `duckpen_put_double` |
// | VARCHAR, BLOB | `duckpen_text` | `duckpen_put_text` |
//
// DATE is days since 1970-01-01, TIME and TIMESTAMP are microseconds, DECIMAL is the unscaled number, UBIGINT the bits.
#ifndef DUCKPEN_H
#define DUCKPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Parameters one function may have.
#define DUCKPEN_MOST_PARAMETERS 8

// The end of a list of functions.
#define DUCKPEN_END {.name = NULL}

// How values lie in memory.
typedef enum duckpen_layout {
    DUCKPEN_BITS,
    DUCKPEN_INT8,
    DUCKPEN_INT16,
    DUCKPEN_INT32,
    DUCKPEN_INT64,
    DUCKPEN_UINT8,
    DUCKPEN_UINT16,
    DUCKPEN_UINT32,
    DUCKPEN_UINT64,
    DUCKPEN_FLOAT32,
    DUCKPEN_FLOAT64,
    DUCKPEN_WORDS128,
    DUCKPEN_BYTES,
} duckpen_layout;

// An argument: a value for each row, or one for all of them.
typedef struct duckpen_column {
    duckpen_layout layout;
    // The numbers; the bytes of all texts; packed bits.
    const void *values;
    // Where each text begins and ends; only of DUCKPEN_BYTES.
    const uint32_t *offsets;
    // One bit a row, least significant first, 1 where there is a value. NULL where no row is NULL.
    const uint8_t *validity;
    // 0 where one value holds for all rows, else 1.
    uint32_t stride;
} duckpen_column;

// Bytes that are not ended by a zero.
typedef struct duckpen_slice {
    const char *data;
    size_t size;
} duckpen_slice;

typedef struct duckpen_results duckpen_results;

// Rows to compute, and where their results go.
typedef struct duckpen_batch {
    uint32_t rows;
    uint32_t argument_count;
    const duckpen_column *arguments;
    // One result is put for each row, in order. Not of an aggregate.
    duckpen_results *results;
    // What went wrong, if anything did.
    const char *failure;
    uint32_t failed_row;
} duckpen_batch;

typedef struct duckpen_parameter {
    const char *name;
    const char *type;
} duckpen_parameter;

typedef enum duckpen_nulls {
    // A row with a NULL argument gives NULL, or is left out by an aggregate.
    DUCKPEN_PROPAGATE,
    // The function sees NULLs: `duckpen_is_null`.
    DUCKPEN_CALLED_ON_NULL,
} duckpen_nulls;

typedef enum duckpen_stability {
    DUCKPEN_CONSISTENT,
    DUCKPEN_VOLATILE,
} duckpen_stability;

typedef struct duckpen_scalar {
    const char *name;
    // Ended by one without a name, if there are fewer than the most.
    duckpen_parameter parameters[DUCKPEN_MOST_PARAMETERS];
    const char *returns;
    duckpen_nulls nulls;
    duckpen_stability stability;
    const char *doc;
    // Puts a result for each row. Where NULLs propagate, what it says of a row with a NULL is ignored.
    void (*evaluate)(duckpen_batch *batch);
} duckpen_scalar;

typedef struct duckpen_aggregate {
    const char *name;
    duckpen_parameter parameters[DUCKPEN_MOST_PARAMETERS];
    const char *returns;
    duckpen_nulls nulls;
    const char *doc;
    // Bytes of a state. It is copied, so it holds no pointers.
    size_t state_size;
    // The state of a group without rows; all zero where this is NULL.
    const void *initial;
    // Takes a row in. Where NULLs propagate, it is not called for a row with a NULL.
    void (*step)(void *state, duckpen_batch *batch, uint32_t row);
    // Takes the rows of another state in, which came after its own.
    void (*merge)(void *state, const void *other);
    // Puts one result.
    void (*finish)(const void *state, duckpen_results *results);
} duckpen_aggregate;

// The functions of the component, each list ended by DUCKPEN_END. Both are to be defined.
extern const duckpen_scalar duckpen_scalars[];
extern const duckpen_aggregate duckpen_aggregates[];

// Says what is wrong with a row: an error of the query. The text has to last.
static inline void duckpen_fail(duckpen_batch *batch, uint32_t row, const char *message) {
    if (batch->failure == NULL) {
        batch->failure = message;
        batch->failed_row = row;
    }
}

static inline bool duckpen_is_null(const duckpen_batch *batch, uint32_t argument, uint32_t row) {
    const duckpen_column *column = &batch->arguments[argument];
    const uint32_t at = row * column->stride;
    return column->validity != NULL && (column->validity[at >> 3] >> (at & 7) & 1) == 0;
}

static inline bool duckpen_bool(const duckpen_batch *batch, uint32_t argument, uint32_t row) {
    const duckpen_column *column = &batch->arguments[argument];
    const uint32_t at = row * column->stride;
    return ((const uint8_t *)column->values)[at >> 3] >> (at & 7) & 1;
}

static inline int64_t duckpen_int(const duckpen_batch *batch, uint32_t argument, uint32_t row) {
    const duckpen_column *column = &batch->arguments[argument];
    const uint32_t at = row * column->stride;
    switch (column->layout) {
    case DUCKPEN_INT64:
    case DUCKPEN_UINT64:
        return ((const int64_t *)column->values)[at];
    case DUCKPEN_INT32:
        return ((const int32_t *)column->values)[at];
    case DUCKPEN_UINT32:
        return ((const uint32_t *)column->values)[at];
    case DUCKPEN_INT16:
        return ((const int16_t *)column->values)[at];
    case DUCKPEN_UINT16:
        return ((const uint16_t *)column->values)[at];
    case DUCKPEN_INT8:
        return ((const int8_t *)column->values)[at];
    case DUCKPEN_UINT8:
        return ((const uint8_t *)column->values)[at];
    default:
        return 0;
    }
}

static inline double duckpen_double(const duckpen_batch *batch, uint32_t argument, uint32_t row) {
    const duckpen_column *column = &batch->arguments[argument];
    const uint32_t at = row * column->stride;
    if (column->layout == DUCKPEN_FLOAT64) {
        return ((const double *)column->values)[at];
    }
    return column->layout == DUCKPEN_FLOAT32 ? ((const float *)column->values)[at] : 0.0;
}

static inline duckpen_slice duckpen_text(const duckpen_batch *batch, uint32_t argument, uint32_t row) {
    const duckpen_column *column = &batch->arguments[argument];
    const uint32_t at = row * column->stride;
    const uint32_t start = column->offsets[at];
    const duckpen_slice slice = {(const char *)column->values + start, column->offsets[at + 1] - start};
    return slice;
}

void duckpen_put_null(duckpen_results *results);
void duckpen_put_bool(duckpen_results *results, bool value);
void duckpen_put_int(duckpen_results *results, int64_t value);
void duckpen_put_double(duckpen_results *results, double value);
void duckpen_put_text(duckpen_results *results, const char *data, size_t size);

// Room for a text of up to `size` bytes that is written in place; `duckpen_put_room` says how long it has become.
char *duckpen_room(duckpen_results *results, size_t size);
void duckpen_put_room(duckpen_results *results, size_t size);

#ifdef __cplusplus
}
#endif
#endif
