package python

import "strings"

// mockWords are parts of names of what answers in place of the network.
var mockWords = []string{"responses.activate", "httpretty", "requests_mock", "respx", "mock.patch", "vcr.", "betamax", "RequestsMock", "aioresponses", "HTTMock", "httpx_mock", "requests_mocker", "pook"}

// mockFixtures are pytest fixtures that do.
var mockFixtures = map[string]bool{"requests_mock": true, "httpx_mock": true, "respx_mock": true, "httpserver": true, "mocked_responses": true, "rsps": true, "aioresponses": true, "m_requests": true}

// mocked reports whether a call runs where the network is mocked: under a mock
// decorator, in a with statement of a mock, in a test with a mock fixture.
func (m *module) mocked(n node) bool {
	for c := n; c.OK(); c = c.Parent() {
		switch c.Kind() {
		case "with_statement":
			if text := c.Child("with_clause").Text(); isMockText(text) || strings.Contains(text, "pytest.raises(") || strings.Contains(text, "assertRaises") {
				return true
			}
		case "function_definition", "class_definition":
			if p := c.Parent(); p.Kind() == "decorated_definition" {
				for d := p.First(); d.OK(); d = d.Next() {
					if d.Kind() == "decorator" && (isMockText(d.Text()) || strings.HasPrefix(d.Text(), "@patch")) {
						return true
					}
				}
			}
			for _, param := range c.Field("parameters").Named() {
				if mockFixtures[param.Text()] {
					return true
				}
			}
			if strings.HasPrefix(c.Field("name").Text(), "test") && (strings.Contains(c.Text(), "monkeypatch.setattr") || strings.Contains(c.Text(), "mocker.patch")) {
				return true
			}
		}
	}
	return false
}

func isMockText(s string) bool {
	for _, w := range mockWords {
		if strings.Contains(s, w) {
			return true
		}
	}
	return strings.Contains(s, "patch(") && (strings.Contains(s, "request") || strings.Contains(s, "urlopen") || strings.Contains(s, "http"))
}

// inTest says what makes a text part of a test, empty when nothing does.
func (m *module) inTest(s node) string {
	for c := s.Parent(); c.OK(); c = c.Parent() {
		switch c.Kind() {
		case "assert_statement":
			return "assertion"
		case "call":
			fn := c.Field("function")
			if fn.Kind() == "attribute" && strings.HasPrefix(fn.Field("attribute").Text(), "assert") {
				return "assertion"
			}
		case "with_statement":
			if text := c.Child("with_clause").Text(); strings.Contains(text, "raises(") || strings.Contains(text, "assertRaises") {
				return "assertion"
			}
		case "function_definition":
			if name := c.Field("name").Text(); strings.HasPrefix(name, "test_") {
				return "test"
			}
			if m.mocked(c) {
				return "mock"
			}
		case "class_definition":
			if name := c.Field("name").Text(); strings.HasPrefix(name, "Test") && strings.Contains(c.Field("superclasses").Text(), "TestCase") {
				return "test"
			}
		}
	}
	return ""
}
