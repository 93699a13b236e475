package aws

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params are the fields of a form. Each that is read is marked, so that those
// nobody reads can be refused.
type params struct {
	form url.Values
	used map[string]bool
	// under has every field and every part of its name that a dot ends: a call
	// has thousands of fields.
	under map[string]bool
}

func newParams(form url.Values) *params {
	p := &params{form: form, used: map[string]bool{}, under: map[string]bool{}}
	for k := range form {
		p.under[k] = true
		for i, c := range k {
			if c == '.' {
				p.under[k[:i]] = true
			}
		}
	}
	return p
}

func (p *params) get(key string) string {
	p.used[key] = true
	return p.form.Get(key)
}

func (p *params) has(key string) bool { return p.form.Has(key) }

// count is how many members a list has, counted from 1 without a gap.
func (p *params) count(list string) int {
	n := 0
	for p.any(list + "." + strconv.Itoa(n+1)) {
		n++
	}
	return n
}

// any tells if the field or one below it was sent.
func (p *params) any(key string) bool { return p.under[key] }

func (p *params) list(key string) []string {
	var out []string
	for i := 1; p.form.Has(key + "." + strconv.Itoa(i)); i++ {
		out = append(out, p.get(key+"."+strconv.Itoa(i)))
	}
	return out
}

// number is an integer in a range; missing is what stands for none.
func (p *params) number(key string, missing, low, high int) (int, *failure) {
	if !p.has(key) {
		return missing, nil
	}
	n, err := strconv.Atoi(p.get(key))
	if err != nil || n < low || n > high {
		return 0, invalid("InvalidParameterValue", "Value (%s) for parameter %s is invalid. Expecting a number from %d to %d.", p.get(key), key, low, high)
	}
	return n, nil
}

func (p *params) time(key string) (time.Time, *failure) {
	if !p.has(key) {
		return time.Time{}, invalid("MissingParameter", "The parameter %s is required.", key)
	}
	t, err := time.Parse(time.RFC3339, p.get(key))
	if err != nil {
		return t, invalid("InvalidParameterValue", "The parameter %s must be a timestamp, not %q.", key, p.get(key))
	}
	return t.UTC(), nil
}

// unknown refuses the fields that nobody asked for.
func (p *params) unknown(service string) *failure {
	var left []string
	for k := range p.form {
		if !p.used[k] {
			left = append(left, k)
		}
	}
	if len(left) == 0 {
		return nil
	}
	slices.Sort(left)
	if service == serviceEC2 {
		return invalid("UnknownParameter", "The parameter %s is not recognized", left[0])
	}
	return invalid("ValidationError", "%s is not a parameter of this action", left[0])
}

// A page token is opaque to clients: it holds the offset, bound to what the
// request asks.
func pageToken(kind string, offset int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + "/" + strconv.Itoa(offset)))
}

// offset is where the page of the request starts.
func (p *params) offset(kind, badCode string, total int) (int, *failure) {
	if !p.has("NextToken") {
		return 0, nil
	}
	raw, _ := base64.RawURLEncoding.DecodeString(p.get("NextToken"))
	n, err := strconv.Atoi(strings.TrimPrefix(string(raw), kind+"/"))
	if err != nil || n <= 0 || n > total || !strings.HasPrefix(string(raw), kind+"/") {
		return 0, invalid(badCode, "The token '%s' is invalid", p.get("NextToken"))
	}
	return n, nil
}
