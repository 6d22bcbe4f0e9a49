// What stands between the lists of functions in `duckpen.h` and the generated bindings of the contract.

#include "duckpen.h"

#include <stdlib.h>
#include <string.h>

#include "functions.h"

typedef duckpen_columns_columns_argument_t argument;
typedef duckpen_columns_columns_column_t column;
typedef duckpen_columns_failures_failure_t failure;
typedef duckpen_functions_declarations_parameter_t parameter;
typedef duckpen_functions_states_group_states_t group_states;

// The bindings want to be linked to an object that holds the contract. `duckpen build` puts it into the finished module.
void __component_type_object_force_link_functions(void);
void __component_type_object_force_link_functions(void) {}

struct duckpen_results {
    duckpen_layout layout;
    uint32_t rows;
    uint32_t capacity;
    uint8_t *values;
    // Of texts: where each ends, after a zero.
    uint32_t *offsets;
    size_t bytes;
    size_t byte_capacity;
    uint8_t *validity;
    bool has_null;
    // Whether something was put that is not of the type declared, or more than there are rows.
    bool is_wrong;
};

static const struct {
    const char *type;
    duckpen_layout layout;
} LAYOUTS[] = {
    {"BOOLEAN", DUCKPEN_BITS},     {"TINYINT", DUCKPEN_INT8},     {"SMALLINT", DUCKPEN_INT16},
    {"INTEGER", DUCKPEN_INT32},    {"BIGINT", DUCKPEN_INT64},     {"UTINYINT", DUCKPEN_UINT8},
    {"USMALLINT", DUCKPEN_UINT16}, {"UINTEGER", DUCKPEN_UINT32},  {"UBIGINT", DUCKPEN_UINT64},
    {"FLOAT", DUCKPEN_FLOAT32},    {"DOUBLE", DUCKPEN_FLOAT64},   {"VARCHAR", DUCKPEN_BYTES},
    {"BLOB", DUCKPEN_BYTES},       {"DATE", DUCKPEN_INT32},       {"TIME", DUCKPEN_INT64},
    {"TIMESTAMP", DUCKPEN_INT64},  {"TIMESTAMPTZ", DUCKPEN_INT64},
};

// The layout of a type; DUCKPEN_WORDS128, which nothing can be put into, for one this header does not know.
static duckpen_layout layout_of(const char *type) {
    for (size_t index = 0; index < sizeof LAYOUTS / sizeof LAYOUTS[0]; index++) {
        if (strcmp(type, LAYOUTS[index].type) == 0) {
            return LAYOUTS[index].layout;
        }
    }
    if (strncmp(type, "DECIMAL(", 8) == 0) {
        const int width = atoi(type + 8);
        return width <= 4 ? DUCKPEN_INT16 : width <= 9 ? DUCKPEN_INT32 : width <= 18 ? DUCKPEN_INT64 : DUCKPEN_WORDS128;
    }
    return DUCKPEN_WORDS128;
}

static size_t width_of(duckpen_layout layout) {
    static const uint8_t WIDTHS[] = {0, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 16, 0};
    return WIDTHS[layout];
}

// Memory that is zero. The contract has no way to say that there is none, so the call ends.
static void *zeroed(size_t size) {
    void *memory = calloc(size > 0 ? size : 1, 1);
    if (memory == NULL) {
        __builtin_trap();
    }
    return memory;
}

// Results.

static void begin(duckpen_results *results, const char *type, uint32_t rows) {
    memset(results, 0, sizeof *results);
    results->layout = layout_of(type);
    results->capacity = rows;
    results->validity = zeroed((rows + 7) / 8);
    switch (results->layout) {
    case DUCKPEN_BITS:
        results->values = zeroed((rows + 7) / 8);
        break;
    case DUCKPEN_BYTES:
        results->offsets = zeroed(((size_t)rows + 1) * sizeof(uint32_t));
        break;
    default:
        results->values = zeroed(rows * width_of(results->layout));
    }
}

static void release(duckpen_results *results) {
    free(results->values);
    free(results->offsets);
    free(results->validity);
}

// The row the next result belongs to, or false if there is none or the type is another.
static bool next(duckpen_results *results, bool fits, uint32_t *row) {
    if (!fits || results->rows >= results->capacity) {
        results->is_wrong = true;
        return false;
    }
    *row = results->rows++;
    results->validity[*row >> 3] |= 1 << (*row & 7);
    return true;
}

void duckpen_put_null(duckpen_results *results) {
    uint32_t row;
    if (next(results, true, &row)) {
        results->validity[row >> 3] &= ~(1 << (row & 7));
        results->has_null = true;
        if (results->layout == DUCKPEN_BYTES) {
            results->offsets[row + 1] = results->bytes;
        }
    }
}

void duckpen_put_bool(duckpen_results *results, bool value) {
    uint32_t row;
    if (next(results, results->layout == DUCKPEN_BITS, &row) && value) {
        results->values[row >> 3] |= 1 << (row & 7);
    }
}

void duckpen_put_int(duckpen_results *results, int64_t value) {
    uint32_t row;
    if (next(results, results->layout >= DUCKPEN_INT8 && results->layout <= DUCKPEN_UINT64, &row)) {
        const size_t width = width_of(results->layout);
        // The machine is little-endian: the low bytes come first.
        memcpy(results->values + row * width, &value, width);
    }
}

void duckpen_put_double(duckpen_results *results, double value) {
    uint32_t row;
    if (results->layout == DUCKPEN_FLOAT32 && next(results, true, &row)) {
        ((float *)results->values)[row] = (float)value;
    } else if (next(results, results->layout == DUCKPEN_FLOAT64, &row)) {
        ((double *)results->values)[row] = value;
    }
}

char *duckpen_room(duckpen_results *results, size_t size) {
    const size_t needed = results->bytes + size;
    if (needed > results->byte_capacity) {
        const size_t doubled = results->byte_capacity * 2;
        results->byte_capacity = needed > doubled ? needed : doubled;
        results->values = realloc(results->values, results->byte_capacity);
        if (results->values == NULL) {
            __builtin_trap();
        }
    }
    return (char *)results->values + results->bytes;
}

void duckpen_put_room(duckpen_results *results, size_t size) {
    uint32_t row;
    if (next(results, results->layout == DUCKPEN_BYTES && size <= results->byte_capacity - results->bytes, &row)) {
        results->bytes += size;
        results->offsets[row + 1] = results->bytes;
    }
}

void duckpen_put_text(duckpen_results *results, const char *data, size_t size) {
    if (size > 0) {
        memcpy(duckpen_room(results, size), data, size);
    }
    duckpen_put_room(results, size);
}

static void emit(const duckpen_results *results) {
    column emitted = {.root = {.rows = results->rows}};
    if (results->has_null) {
        emitted.root.validity.is_some = true;
        emitted.root.validity.val.ptr = results->validity;
        emitted.root.validity.val.len = (results->rows + 7) / 8;
    }
    // The tags of the contract are in the order of the layouts.
    emitted.root.values.tag = results->layout;
    if (results->layout == DUCKPEN_BYTES) {
        emitted.root.values.val.bytes.offsets.ptr = results->offsets;
        emitted.root.values.val.bytes.offsets.len = results->rows + 1;
        emitted.root.values.val.bytes.bytes.ptr = results->values;
        emitted.root.values.val.bytes.bytes.len = results->bytes;
    } else {
        // All lists are a pointer and a length.
        emitted.root.values.val.uint8.ptr = results->values;
        emitted.root.values.val.uint8.len = results->layout == DUCKPEN_BITS ? (results->rows + 7) / 8 : results->rows;
    }
    duckpen_functions_results_emit(&emitted);
}

// Arguments.

static void view(const argument *given, duckpen_column *seen) {
    const column *whole = given->tag == DUCKPEN_COLUMNS_COLUMNS_ARGUMENT_CONSTANT ? &given->val.constant : &given->val.vector;
    const duckpen_columns_columns_values_t *values = &whole->root.values;
    seen->layout = values->tag;
    seen->stride = given->tag == DUCKPEN_COLUMNS_COLUMNS_ARGUMENT_CONSTANT ? 0 : 1;
    seen->validity = whole->root.validity.is_some ? whole->root.validity.val.ptr : NULL;
    if (values->tag == DUCKPEN_COLUMNS_COLUMNS_VALUES_BYTES) {
        seen->values = values->val.bytes.bytes.ptr;
        seen->offsets = values->val.bytes.offsets.ptr;
    } else {
        seen->values = values->val.uint8.ptr;
        seen->offsets = NULL;
    }
}

static duckpen_column *views(const argument *arguments, size_t count) {
    duckpen_column *seen = zeroed(count * sizeof *seen);
    for (size_t index = 0; index < count; index++) {
        view(&arguments[index], &seen[index]);
    }
    return seen;
}

// Failures and declarations. What is returned is freed by the bindings, so it is copied.

static void fail(failure *failed, uint8_t kind, const char *message) {
    memset(failed, 0, sizeof *failed);
    failed->kind = kind;
    functions_string_dup(&failed->message, message);
}

static void fail_of(failure *failed, const duckpen_batch *batch) {
    fail(failed, DUCKPEN_COLUMNS_FAILURES_KIND_INVALID_INPUT, batch->failure);
    failed->row.is_some = true;
    failed->row.val = batch->failed_row;
}

static bool is_complete(const duckpen_results *results, failure *failed) {
    if (results->is_wrong || results->rows != results->capacity) {
        fail(failed, DUCKPEN_COLUMNS_FAILURES_KIND_INTERNAL,
             "not one result of the type declared was put for each row");
        return false;
    }
    return true;
}

static size_t declare_parameters(const duckpen_parameter *given, parameter **declared) {
    size_t count = 0;
    while (count < DUCKPEN_MOST_PARAMETERS && given[count].name != NULL) {
        count++;
    }
    *declared = zeroed(count * sizeof **declared);
    for (size_t index = 0; index < count; index++) {
        functions_string_dup(&(*declared)[index].name, given[index].name);
        functions_string_dup(&(*declared)[index].logical_type, given[index].type);
    }
    return count;
}

static void declare_doc(functions_option_string_t *declared, const char *doc) {
    if (doc != NULL) {
        declared->is_some = true;
        functions_string_dup(&declared->val, doc);
    }
}

// Scalar functions.

struct exports_duckpen_functions_scalar_evaluator_t {
    const duckpen_scalar *function;
};

void exports_duckpen_functions_scalar_describe(exports_duckpen_functions_scalar_list_declaration_t *declarations) {
    size_t count = 0;
    while (duckpen_scalars[count].name != NULL) {
        count++;
    }
    declarations->len = count;
    declarations->ptr = zeroed(count * sizeof *declarations->ptr);
    for (size_t index = 0; index < count; index++) {
        const duckpen_scalar *function = &duckpen_scalars[index];
        exports_duckpen_functions_scalar_declaration_t *declared = &declarations->ptr[index];
        functions_string_dup(&declared->name, function->name);
        declared->parameters.len = declare_parameters(function->parameters, &declared->parameters.ptr);
        functions_string_dup(&declared->returns, function->returns);
        declared->nulls = function->nulls;
        declared->stability = function->stability;
        declare_doc(&declared->doc, function->doc);
    }
}

bool exports_duckpen_functions_scalar_open(uint32_t index, exports_duckpen_functions_scalar_call_site_t *site,
                                           exports_duckpen_functions_scalar_own_evaluator_t *opened, failure *failed) {
    (void)failed;
    exports_duckpen_functions_scalar_call_site_free(site);
    exports_duckpen_functions_scalar_evaluator_t *evaluator = zeroed(sizeof *evaluator);
    evaluator->function = &duckpen_scalars[index];
    *opened = exports_duckpen_functions_scalar_evaluator_new(evaluator);
    return true;
}

bool exports_duckpen_functions_scalar_method_evaluator_evaluate(exports_duckpen_functions_scalar_borrow_evaluator_t self,
                                                                exports_duckpen_functions_scalar_list_argument_t *given,
                                                                uint32_t rows, failure *failed) {
    duckpen_results results;
    begin(&results, self->function->returns, rows);
    duckpen_column *arguments = views(given->ptr, given->len);
    duckpen_batch batch = {
        .rows = rows, .argument_count = given->len, .arguments = arguments, .results = &results};
    self->function->evaluate(&batch);
    bool succeeded = batch.failure == NULL;
    if (!succeeded) {
        fail_of(failed, &batch);
    } else if ((succeeded = is_complete(&results, failed))) {
        emit(&results);
    }
    free(arguments);
    release(&results);
    exports_duckpen_functions_scalar_list_argument_free(given);
    return succeeded;
}

void exports_duckpen_functions_scalar_evaluator_destructor(exports_duckpen_functions_scalar_evaluator_t *evaluator) {
    free(evaluator);
}

// Aggregate functions.

struct exports_duckpen_functions_aggregate_aggregator_t {
    const duckpen_aggregate *function;
};

void exports_duckpen_functions_aggregate_describe(exports_duckpen_functions_aggregate_list_declaration_t *declarations) {
    size_t count = 0;
    while (duckpen_aggregates[count].name != NULL) {
        count++;
    }
    declarations->len = count;
    declarations->ptr = zeroed(count * sizeof *declarations->ptr);
    for (size_t index = 0; index < count; index++) {
        const duckpen_aggregate *function = &duckpen_aggregates[index];
        exports_duckpen_functions_aggregate_declaration_t *declared = &declarations->ptr[index];
        functions_string_dup(&declared->name, function->name);
        declared->parameters.len = declare_parameters(function->parameters, &declared->parameters.ptr);
        functions_string_dup(&declared->returns, function->returns);
        declared->nulls = function->nulls;
        declared->state = EXPORTS_DUCKPEN_FUNCTIONS_AGGREGATE_STATE_SHAPE_FIXED;
        declared->initial.len = function->state_size;
        declared->initial.ptr = zeroed(function->state_size);
        if (function->initial != NULL) {
            memcpy(declared->initial.ptr, function->initial, function->state_size);
        }
        declare_doc(&declared->doc, function->doc);
    }
}

bool exports_duckpen_functions_aggregate_open(uint32_t index, exports_duckpen_functions_aggregate_own_aggregator_t *opened,
                                              failure *failed) {
    (void)failed;
    exports_duckpen_functions_aggregate_aggregator_t *aggregator = zeroed(sizeof *aggregator);
    aggregator->function = &duckpen_aggregates[index];
    *opened = exports_duckpen_functions_aggregate_aggregator_new(aggregator);
    return true;
}

// States of a fixed size, as the host keeps them; anything else is no state of ours.
static uint8_t *fixed_states(const group_states *groups) {
    return groups->tag == DUCKPEN_FUNCTIONS_STATES_GROUP_STATES_FIXED ? groups->val.fixed.ptr : NULL;
}

static bool not_ours(failure *failed) {
    fail(failed, DUCKPEN_COLUMNS_FAILURES_KIND_INTERNAL, "the states are not of a fixed size");
    return false;
}

static bool is_skipped(const duckpen_aggregate *function, const duckpen_batch *batch, uint32_t row) {
    if (function->nulls == DUCKPEN_CALLED_ON_NULL) {
        return false;
    }
    for (uint32_t argument = 0; argument < batch->argument_count; argument++) {
        if (duckpen_is_null(batch, argument, row)) {
            return true;
        }
    }
    return false;
}

bool exports_duckpen_functions_aggregate_method_aggregator_update(
    exports_duckpen_functions_aggregate_borrow_aggregator_t self, group_states *groups, functions_list_u32_t *group_of_row,
    exports_duckpen_functions_aggregate_list_argument_t *given, uint32_t rows, failure *failed) {
    uint8_t *states = fixed_states(groups);
    if (states == NULL) {
        return not_ours(failed);
    }
    const duckpen_aggregate *function = self->function;
    duckpen_column *arguments = views(given->ptr, given->len);
    duckpen_batch batch = {.rows = rows, .argument_count = given->len, .arguments = arguments};
    for (uint32_t row = 0; row < rows && batch.failure == NULL; row++) {
        if (!is_skipped(function, &batch, row)) {
            function->step(states + group_of_row->ptr[row] * function->state_size, &batch, row);
        }
    }
    const bool succeeded = batch.failure == NULL;
    if (succeeded) {
        duckpen_functions_states_emit(groups);
    } else {
        fail_of(failed, &batch);
    }
    free(arguments);
    exports_duckpen_functions_aggregate_list_argument_free(given);
    functions_list_u32_free(group_of_row);
    exports_duckpen_functions_aggregate_group_states_free(groups);
    return succeeded;
}

bool exports_duckpen_functions_aggregate_method_aggregator_merge(
    exports_duckpen_functions_aggregate_borrow_aggregator_t self, group_states *left, group_states *right, failure *failed) {
    uint8_t *states = fixed_states(left);
    const uint8_t *others = fixed_states(right);
    if (states == NULL || others == NULL) {
        return not_ours(failed);
    }
    const size_t size = self->function->state_size;
    for (size_t at = 0; size > 0 && at + size <= left->val.fixed.len; at += size) {
        self->function->merge(states + at, others + at);
    }
    duckpen_functions_states_emit(left);
    exports_duckpen_functions_aggregate_group_states_free(left);
    exports_duckpen_functions_aggregate_group_states_free(right);
    return true;
}

bool exports_duckpen_functions_aggregate_method_aggregator_finalize(
    exports_duckpen_functions_aggregate_borrow_aggregator_t self, group_states *groups, failure *failed) {
    const uint8_t *states = fixed_states(groups);
    if (states == NULL) {
        return not_ours(failed);
    }
    const size_t size = self->function->state_size;
    const uint32_t count = size > 0 ? groups->val.fixed.len / size : 0;
    duckpen_results results;
    begin(&results, self->function->returns, count);
    for (uint32_t group = 0; group < count; group++) {
        self->function->finish(states + group * size, &results);
    }
    const bool succeeded = is_complete(&results, failed);
    if (succeeded) {
        emit(&results);
    }
    release(&results);
    exports_duckpen_functions_aggregate_group_states_free(groups);
    return succeeded;
}

void exports_duckpen_functions_aggregate_aggregator_destructor(exports_duckpen_functions_aggregate_aggregator_t *aggregator) {
    free(aggregator);
}
