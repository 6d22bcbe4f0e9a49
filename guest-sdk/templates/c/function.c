#include "duckpen.h"

#include <string.h>

// A greeting, written in place: there is room for the name and what stands around it.
static void __NAME__(duckpen_batch *batch) {
    for (uint32_t row = 0; row < batch->rows; row++) {
        const duckpen_slice name = duckpen_text(batch, 0, row);
        char *greeting = duckpen_room(batch->results, name.size + 8);
        memcpy(greeting, "Hello, ", 7);
        memcpy(greeting + 7, name.data, name.size);
        greeting[7 + name.size] = '!';
        duckpen_put_room(batch->results, name.size + 8);
    }
}

const duckpen_scalar duckpen_scalars[] = {
    {
        .name = "__NAME__",
        .parameters = {{"name", "VARCHAR"}},
        .returns = "VARCHAR",
        .doc = "A greeting.",
        .evaluate = __NAME__,
    },
    DUCKPEN_END,
};

const duckpen_aggregate duckpen_aggregates[] = {DUCKPEN_END};
