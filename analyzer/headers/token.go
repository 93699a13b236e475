package headers

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// AsksToken reports a target that hands out tokens, or that is meant to: the
// token's path under a version other than latest, which the service lacks.
func AsksToken(target imds.Target) bool {
	return target.Token || strings.HasSuffix(strings.TrimRight(target.Path, "/"), "/api/token")
}

// Decide notes in a request whether it sends the token, and gives the token's
// value, the zero one where none is seen. empty reports a header that is sent
// without a token in it.
func Decide[V any](req *facts.Request, sets []Set[V], empty func(Field[V]) bool) (token V) {
	present, absent, unknown := 0, 0, 0
	when := ""
	for _, s := range sets {
		field, ok := s.Token()
		switch {
		case ok && empty(field):
			req.Misuse = "the token header is sent without a token"
			absent++
		case ok:
			present++
			if s.When != "" {
				when = s.When
			}
			token = field.Value
			req.Why = "sends " + field.Name
		case s.Open != "":
			unknown++
			req.Why = s.Open
		default:
			absent++
			if when == "" {
				when = s.When
			}
			if req.Misuse == "" {
				req.Misuse = misnamed(s)
			}
		}
	}
	switch {
	case unknown > 0:
		req.Token = facts.TokenUnknown
	case absent == 0:
		req.Token = facts.TokenPresent
	default:
		req.Token = facts.TokenAbsent
		if present > 0 {
			req.Fallback = "sends the token only on some ways"
			if when != "" {
				req.Fallback = "sends the token only when `" + when + "` says so"
			}
		}
	}
	if req.Token != facts.TokenAbsent {
		req.Misuse = ""
	} else {
		req.Why = ""
	}
	return token
}

// misnamed says what is wrong with a header that was meant to be the token's.
func misnamed[V any](s Set[V]) string {
	for _, f := range s.Fields {
		if wrong := imds.MisnamedHeader(f.Name); wrong != "" {
			if s.When != "" && strings.Contains(wrong, "is the metadata header of") {
				continue // sent where the code knows that it runs in that cloud
			}
			return wrong
		}
		if imds.IsTTLHeader(f.Name) {
			return fmt.Sprintf("sends %s, which asks for a token, in place of %s", f.Name, imds.TokenHeader)
		}
	}
	return ""
}

// TokenRequestMisuse says what is wrong with a request for a token; nothing
// where one of the sets is right. ttl says what is wrong with the TTL that a
// header gives.
func TokenRequestMisuse[V any](method string, target imds.Target, sets []Set[V], ttl func(Field[V]) string) string {
	switch method {
	case "PUT", "":
	default:
		return "asks for a token with " + method + "; the service hands out tokens for PUT only"
	}
	if !target.Token {
		return "asks for a token at " + target.Path + "; the only path is " + imds.TokenPath
	}
	wrong := ""
	for _, s := range sets {
		if wrong = ttlProblem(s, ttl); wrong == "" {
			return ""
		}
	}
	return wrong
}

func ttlProblem[V any](s Set[V], ttl func(Field[V]) string) string {
	for _, f := range s.Fields {
		if imds.IsTTLHeader(f.Name) {
			return ttl(f)
		}
	}
	if s.Open != "" {
		return ""
	}
	for _, f := range s.Fields {
		if wrong := imds.MisnamedHeader(f.Name); wrong != "" {
			return wrong
		}
	}
	return "asks for a token without " + imds.TTLHeader
}

// CheckTTL says what is wrong with the values that a TTL may have, as far as
// they are known.
func CheckTTL(values []imds.Value) string {
	for _, v := range values {
		if text, ok := v.Known(); ok {
			if err := imds.CheckTTL(text); err != nil {
				return err.Error()
			}
		}
	}
	return ""
}
