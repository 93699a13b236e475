package aws

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	serviceEC2        = "ec2"
	serviceCloudWatch = "monitoring"
)

// versions are the API versions of the services.
var versions = map[string]string{serviceEC2: "2016-11-15", serviceCloudWatch: "2010-08-01"}

// call is a request that passed the checks every call passes.
type call struct {
	service, action, region string
	p                       *params
	fault                   Kind
}

// failure is an error answer.
type failure struct {
	status        int
	code, message string
}

func invalid(code, format string, args ...any) *failure {
	return &failure{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

// actions are the calls that are emulated, by service.
var actions = map[string]map[string]func(*Server, call) (any, *failure){
	serviceEC2:        {"DescribeInstances": (*Server).describeInstances, "DescribeRegions": (*Server).describeRegions},
	serviceCloudWatch: {"ListMetrics": (*Server).listMetrics, "GetMetricData": (*Server).getMetricData},
}

const maxBody = 4 << 20

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, answer, fail := s.answer(r)
	entry := Request{Service: c.service, Action: c.action, Region: c.region, Status: "ok", UserAgent: r.UserAgent()}
	if c.p != nil {
		entry.Queries = c.p.count("MetricDataQueries.member")
	}
	if fail != nil {
		entry.Status = fail.code
	}
	if c.fault == Dropped {
		entry.Status = string(Dropped)
	}
	s.log = append(s.log, entry)
	if c.fault == Dropped {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	if fail != nil {
		w.WriteHeader(fail.status)
		answer = errorAnswer(c.service, fail)
	}
	io.WriteString(w, xml.Header)
	xml.NewEncoder(w).Encode(answer)
}

func (s *Server) answer(r *http.Request) (call, any, *failure) {
	c, fail := s.read(r)
	if fail != nil {
		return c, nil, fail
	}
	handle := actions[c.service][c.action]
	if handle == nil {
		return c, nil, invalid("InvalidAction", "The action %s is not valid for this web service.", c.action)
	}
	c.fault = s.fault(c.action, c.region)
	if f := c.fault.failure(c); f != nil || c.fault == Dropped {
		return c, nil, f
	}
	answer, fail := handle(s, c)
	if fail == nil {
		fail = c.p.unknown(c.service)
	}
	return c, answer, fail
}

// read checks what the front of a service checks: the signature's scope, the
// key, the protocol, the version.
func (s *Server) read(r *http.Request) (c call, fail *failure) {
	c.service = serviceCloudWatch
	scope, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=")
	if !ok {
		return c, &failure{http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token"}
	}
	scope, rest, _ := strings.Cut(scope, ",")
	part := strings.Split(scope, "/")
	if len(part) != 5 || part[4] != "aws4_request" || versions[part[3]] == "" || !strings.Contains(rest, "Signature=") {
		return c, &failure{http.StatusForbidden, "SignatureDoesNotMatch", "Credential should be scoped to a valid service."}
	}
	c.region, c.service = part[2], part[3]
	if part[0] != s.o.Key || !slices.Contains(s.o.Regions, c.region) {
		if c.service == serviceEC2 {
			return c, &failure{http.StatusUnauthorized, "AuthFailure", "AWS was not able to validate the provided access credentials"}
		}
		return c, &failure{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."}
	}
	if r.Method != http.MethodPost || r.URL.Path != "/" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return c, invalid("InvalidRequest", "The request is not well formed: %s %s with %q", r.Method, r.URL.Path, r.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return c, &failure{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request is too large."}
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return c, invalid("MalformedQueryString", "%v", err)
	}
	c.p = newParams(form)
	c.action = c.p.get("Action")
	if v := c.p.get("Version"); v != versions[c.service] {
		return c, invalid("InvalidParameterValue", "The version %q is not valid for this web service.", v)
	}
	return c, nil
}

// errorAnswer is the body of an error: the two services wrap it differently.
func errorAnswer(service string, f *failure) any {
	type inner struct {
		Type    string `xml:",omitempty"`
		Code    string
		Message string
	}
	if service == serviceEC2 {
		return struct {
			XMLName xml.Name `xml:"Response"`
			Error   inner    `xml:"Errors>Error"`
			ID      string   `xml:"RequestID"`
		}{Error: inner{Code: f.code, Message: f.message}, ID: requestID}
	}
	return struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Space   string   `xml:"xmlns,attr"`
		Error   inner
		ID      string `xml:"RequestId"`
	}{Space: cloudWatchSpace, Error: inner{"Sender", f.code, f.message}, ID: requestID}
}

const requestID = "59dbff89-35bd-4eac-99ed-be587EXAMPLE"
