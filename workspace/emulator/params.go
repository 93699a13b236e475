package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// readBody reads what was sent, up to what an import of the largest object
// needs as base64.
func readBody(w http.ResponseWriter, r *http.Request, maxImport int64) ([]byte, error) {
	limit := max(2*maxImport, 16<<20)
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, &apiError{http.StatusRequestEntityTooLarge, "MAX_REQUEST_SIZE_EXCEEDED", "Request is too large.", ""}
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the caller went away
	}
	return b, nil
}

// only refuses parameters that the API does not have. The service passes
// over them. A GET has no body.
func (c *call) only(names ...string) error { return c.onlyLists(names) }

// onlyLists is only for APIs with parameters that may come more than once.
func (c *call) onlyLists(names []string, lists ...string) error {
	for name, values := range c.query {
		if slices.Contains(lists, name) {
			continue
		}
		if !slices.Contains(names, name) {
			return invalid("Unknown parameter: %s", name)
		}
		if len(values) > 1 {
			return invalid("Parameter %s is given twice", name)
		}
	}
	if (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead) && len(c.body) > 0 {
		return malformed("%s takes no body", c.r.Method)
	}
	return nil
}

// decode reads a JSON body into v and refuses fields that v does not have.
func (c *call) decode(v any) error {
	if err := c.only(); err != nil {
		return err
	}
	if len(bytes.TrimSpace(c.body)) == 0 {
		return malformed("Invalid JSON given in the body of the request - expected a map")
	}
	return strictJSON(c.body, v)
}

// strictJSON decodes the SDK's structs. Their own UnmarshalJSON passes over
// unknown fields, so that they are looked for here.
func strictJSON(b []byte, v any) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return malformed("Invalid JSON given in the body of the request - failed to parse given JSON")
	}
	if err := json.Unmarshal(b, v); err != nil {
		return malformed("Could not parse request object: %s", err)
	}
	if field, ok := unknownField(raw, reflect.TypeOf(v).Elem()); ok {
		return malformed("Could not parse request object: unknown field %q", field)
	}
	return nil
}

// unknownField finds a field in raw that the struct t does not have, in the
// structs inside it as well.
func unknownField(raw map[string]json.RawMessage, t reflect.Type) (string, bool) {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = t.Field(i).Type
		}
	}
	for name, value := range raw {
		ft, ok := fields[name]
		if !ok {
			return name, true
		}
		if inner, ok := unknownIn(value, ft); ok {
			return name + "." + inner, true
		}
	}
	return "", false
}

func unknownIn(value json.RawMessage, t reflect.Type) (string, bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(value, &items) == nil {
			for _, item := range items {
				if f, ok := unknownIn(item, t.Elem()); ok {
					return f, true
				}
			}
		}
	case reflect.Struct:
		var raw map[string]json.RawMessage
		if json.Unmarshal(value, &raw) == nil {
			return unknownField(raw, t)
		}
	}
	return "", false
}

// flag reads a parameter that is true or false; false when it is missing.
func (c *call) flag(name string) (bool, error) {
	switch v := c.query.Get(name); v {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, invalid("Invalid value for parameter %s: %s", name, v)
	}
}

// number reads a parameter within bounds; def when it is missing.
func (c *call) number(name string, def, low, high int64) (int64, error) {
	v := c.query.Get(name)
	if v == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < low || n > high {
		return 0, invalid("Invalid value for parameter %s: %s, expected a number from %d to %d", name, v, low, high)
	}
	return n, nil
}

// page cuts the page from items that the token asks for. Tokens are not
// numbers to the caller: one of another list is refused.
func page[T any](list string, items []T, token string, size int64) ([]T, string, error) {
	start := 0
	if token != "" {
		at, ok := strings.CutPrefix(token, list+".")
		n, err := strconv.Atoi(at)
		if !ok || err != nil || n <= 0 || n > len(items) {
			return nil, "", invalid("Invalid page token: %s", token)
		}
		start = n
	}
	end := min(start+int(size), len(items))
	next := ""
	if end < len(items) {
		next = fmt.Sprintf("%s.%d", list, end)
	}
	return items[start:end], next, nil
}
