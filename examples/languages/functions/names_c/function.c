// A function on texts, one that sees NULL, and an aggregate.

#include "duckpen.h"

#include <ctype.h>
#include <math.h>

// The first letters of the words of a name.
static void initials(duckpen_batch *batch) {
    for (uint32_t row = 0; row < batch->rows; row++) {
        const duckpen_slice name = duckpen_text(batch, 0, row);
        char *letters = duckpen_room(batch->results, name.size);
        size_t count = 0;
        bool inside = false;
        for (size_t at = 0; at < name.size; at++) {
            const unsigned char letter = name.data[at];
            if (!inside && letter != ' ') {
                letters[count++] = toupper(letter);
            }
            inside = letter != ' ';
        }
        duckpen_put_room(batch->results, count);
    }
}

static void coalesce_text(duckpen_batch *batch) {
    for (uint32_t row = 0; row < batch->rows; row++) {
        const uint32_t chosen = duckpen_is_null(batch, 0, row) ? 1 : 0;
        if (duckpen_is_null(batch, chosen, row)) {
            duckpen_put_null(batch->results);
        } else {
            const duckpen_slice text = duckpen_text(batch, chosen, row);
            duckpen_put_text(batch->results, text.data, text.size);
        }
    }
}

typedef struct mean {
    double logarithms;
    int64_t count;
} mean;

static void mean_step(void *state, duckpen_batch *batch, uint32_t row) {
    mean *into = state;
    const double number = duckpen_double(batch, 0, row);
    if (!(number > 0)) {
        duckpen_fail(batch, row, "the number is not positive");
        return;
    }
    into->logarithms += log(number);
    into->count += 1;
}

static void mean_merge(void *state, const void *other) {
    mean *into = state;
    const mean *from = other;
    into->logarithms += from->logarithms;
    into->count += from->count;
}

static void mean_finish(const void *state, duckpen_results *results) {
    const mean *of = state;
    if (of->count == 0) {
        duckpen_put_null(results);
    } else {
        duckpen_put_double(results, exp(of->logarithms / of->count));
    }
}

const duckpen_scalar duckpen_scalars[] = {
    {
        .name = "initials_c",
        .parameters = {{"name", "VARCHAR"}},
        .returns = "VARCHAR",
        .doc = "The first letters of the words of a name.",
        .evaluate = initials,
    },
    {
        .name = "coalesce_text_c",
        .parameters = {{"a", "VARCHAR"}, {"b", "VARCHAR"}},
        .returns = "VARCHAR",
        .nulls = DUCKPEN_CALLED_ON_NULL,
        .doc = "The first of two texts that is not NULL.",
        .evaluate = coalesce_text,
    },
    DUCKPEN_END,
};

const duckpen_aggregate duckpen_aggregates[] = {
    {
        .name = "geometric_mean_c",
        .parameters = {{"number", "DOUBLE"}},
        .returns = "DOUBLE",
        .doc = "The geometric mean of positive numbers.",
        .state_size = sizeof(mean),
        .step = mean_step,
        .merge = mean_merge,
        .finish = mean_finish,
    },
    DUCKPEN_END,
};
