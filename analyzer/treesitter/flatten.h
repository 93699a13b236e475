#ifndef IMDSSCAN_FLATTEN_H
#define IMDSSCAN_FLATTEN_H
#include <stdint.h>

// One node of a flattened tree, in preorder. Links are indices, -1 for none.
typedef struct {
	uint32_t start, end;
	int32_t parent, first, next;
	uint16_t symbol, field;
	uint8_t flags;
} imdsscan_node;

enum { IMDSSCAN_NAMED = 1, IMDSSCAN_ERROR = 2, IMDSSCAN_MISSING = 4, IMDSSCAN_BROKEN = 8 };

// Parses and flattens in one call. The result is malloc'ed and its length
// stored in *count; NULL when the limit was hit or memory ran out.
imdsscan_node *imdsscan_parse(void *parser, const char *src, uint32_t len, uint32_t *count);

void *imdsscan_parser(const void *language, uint64_t micros_limit);
void imdsscan_free_parser(void *parser);
void imdsscan_set_limit(void *parser, uint64_t micros);
#endif
