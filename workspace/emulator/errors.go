package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// apiError is an answer as the service gives it when it refuses. [sdk]
type apiError struct {
	status  int
	code    string
	message string
	reason  string // of an ErrorInfo among the details, when not empty
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func invalid(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, "INVALID_PARAMETER_VALUE", fmt.Sprintf(format, args...), ""}
}

func malformed(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, "MALFORMED_REQUEST", fmt.Sprintf(format, args...), ""}
}

func missing(format string, args ...any) error {
	return &apiError{http.StatusNotFound, "RESOURCE_DOES_NOT_EXIST", fmt.Sprintf(format, args...), ""}
}

func denied(format string, args ...any) error {
	return &apiError{http.StatusForbidden, "PERMISSION_DENIED", fmt.Sprintf(format, args...), ""}
}

func writeError(w http.ResponseWriter, err error) {
	var limit *limitError
	if errors.As(err, &limit) {
		limit.header(w.Header())
		if limit.bare {
			w.WriteHeader(limit.status)
			return
		}
	}
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{http.StatusInternalServerError, "INTERNAL_ERROR", err.Error(), ""}
	}
	body := map[string]any{"error_code": e.code, "message": e.message}
	if n, err := strconv.Atoi(e.code); err == nil {
		body["error_code"] = n
	}
	if e.reason != "" {
		body["details"] = []any{map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo",
			"reason": e.reason, "domain": "databricks.com"}}
	}
	b, _ := json.Marshal(body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	_, _ = w.Write(b)
}
