// Flattening in C costs a third of what walking by a Go cursor does: every
// step from Go into C and back is dearer than the step itself.
#include "flatten.h"
#include <stdbool.h>
#include <stdlib.h>

// The part of tree-sitter's api.h that is used here. The runtime is compiled
// and linked by github.com/smacker/go-tree-sitter, whose headers are not on
// the include path; the declarations are those of its version of api.h. They
// are weak because cgo links this package by itself once, to look at it.
typedef struct TSParser TSParser;
typedef struct TSTree TSTree;
typedef struct TSLanguage TSLanguage;
typedef struct { uint32_t context[4]; const void *id; const TSTree *tree; } TSNode;
typedef struct { const void *tree; const void *id; uint32_t context[3]; } TSTreeCursor;

#define WEAK __attribute__((weak))
extern WEAK TSParser *ts_parser_new(void);
extern WEAK void ts_parser_delete(TSParser *);
extern WEAK bool ts_parser_set_language(TSParser *, const TSLanguage *);
extern WEAK void ts_parser_set_timeout_micros(TSParser *, uint64_t);
extern WEAK void ts_parser_reset(TSParser *);
extern WEAK TSTree *ts_parser_parse_string(TSParser *, const TSTree *, const char *, uint32_t);
extern WEAK TSNode ts_tree_root_node(const TSTree *);
extern WEAK void ts_tree_delete(TSTree *);
extern WEAK TSTreeCursor ts_tree_cursor_new(TSNode);
extern WEAK void ts_tree_cursor_delete(TSTreeCursor *);
extern WEAK TSNode ts_tree_cursor_current_node(const TSTreeCursor *);
extern WEAK uint16_t ts_tree_cursor_current_field_id(const TSTreeCursor *);
extern WEAK bool ts_tree_cursor_goto_parent(TSTreeCursor *);
extern WEAK bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *);
extern WEAK bool ts_tree_cursor_goto_first_child(TSTreeCursor *);
extern WEAK uint32_t ts_node_start_byte(TSNode);
extern WEAK uint32_t ts_node_end_byte(TSNode);
extern WEAK uint16_t ts_node_symbol(TSNode);
extern WEAK bool ts_node_is_named(TSNode);
extern WEAK bool ts_node_is_error(TSNode);
extern WEAK bool ts_node_is_missing(TSNode);
extern WEAK bool ts_node_has_error(TSNode);

void *imdsscan_parser(const void *language, uint64_t micros_limit) {
	TSParser *p = ts_parser_new();
	if (p && !ts_parser_set_language(p, language)) {
		ts_parser_delete(p);
		return NULL;
	}
	if (p) ts_parser_set_timeout_micros(p, micros_limit);
	return p;
}

void imdsscan_set_limit(void *parser, uint64_t micros) { ts_parser_set_timeout_micros(parser, micros); }

void imdsscan_free_parser(void *parser) { ts_parser_delete(parser); }

static void fill(imdsscan_node *out, const TSTreeCursor *c, int32_t parent) {
	TSNode n = ts_tree_cursor_current_node(c);
	out->start = ts_node_start_byte(n);
	out->end = ts_node_end_byte(n);
	out->symbol = ts_node_symbol(n);
	out->field = ts_tree_cursor_current_field_id(c);
	out->parent = parent;
	out->first = out->next = -1;
	out->flags = (ts_node_is_named(n) ? IMDSSCAN_NAMED : 0) | (ts_node_is_error(n) ? IMDSSCAN_ERROR : 0) |
		(ts_node_is_missing(n) ? IMDSSCAN_MISSING : 0) | (ts_node_has_error(n) ? IMDSSCAN_BROKEN : 0);
}

imdsscan_node *imdsscan_parse(void *parser, const char *src, uint32_t len, uint32_t *count) {
	*count = 0;
	TSTree *tree = ts_parser_parse_string(parser, NULL, src, len);
	if (!tree) {
		ts_parser_reset(parser);
		return NULL;
	}
	uint32_t cap = len / 3 + 16, n = 0;
	imdsscan_node *out = malloc(cap * sizeof *out);
	TSTreeCursor c = ts_tree_cursor_new(ts_tree_root_node(tree));
	int32_t parent = -1;
	while (out) {
		if (n == cap) {
			cap *= 2;
			imdsscan_node *grown = realloc(out, cap * sizeof *out);
			if (!grown) { free(out); out = NULL; break; }
			out = grown;
		}
		int32_t at = n++;
		fill(&out[at], &c, parent);
		if (ts_tree_cursor_goto_first_child(&c)) {
			out[at].first = n;
			parent = at;
			continue;
		}
		bool more;
		while (!(more = ts_tree_cursor_goto_next_sibling(&c)) && ts_tree_cursor_goto_parent(&c)) {
			at = parent;
			parent = out[at].parent;
		}
		if (!more) break;
		out[at].next = n;
	}
	ts_tree_cursor_delete(&c);
	ts_tree_delete(tree);
	if (out) *count = n;
	return out;
}
