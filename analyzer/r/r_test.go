package r

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/treesitter"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

func unit(src string) *facts.Unit {
	return &facts.Unit{Language: notebooks.R, Text: span.File([]byte(src))}
}

func analyze(src ...string) *facts.Facts {
	var units []*facts.Unit
	for _, s := range src {
		units = append(units, unit(s))
	}
	return Analyze(units)
}

// urls are the addresses of the requests found, in order.
func urls(f *facts.Facts) string {
	var out []string
	for _, r := range f.Requests {
		for _, u := range r.URLs {
			out = append(out, u.String())
		}
	}
	return strings.Join(out, " ")
}

const imdsURL = "http://169.254.169.254/latest/"

func TestValues(t *testing.T) {
	for src, want := range map[string]string{
		`GET("` + imdsURL + `a")`:                                                        "a",
		`u <- "` + imdsURL + `"; GET(paste0(u, "a"))`:                                    "a",
		`u <- "` + imdsURL + `"; GET(paste(u, "a", sep=""))`:                             "a",
		`GET(paste("http:/", "169.254.169.254", "latest", "a", sep = "/"))`:              "a",
		`GET(file.path("http://169.254.169.254", "latest", "a"))`:                        "a",
		`GET(sprintf("http://%s/latest/%d", "169.254.169.254", 7L))`:                     "7",
		`GET(sprintf("` + imdsURL + `%%2F%s", x))`:                                       "%2F{x}",
		`GET(glue("http://{host}/latest/{{a}}", host = "169.254.169.254"))`:              "{a}",
		`GET(paste0(c("` + imdsURL + `"), c("a", "b")))`:                                 "a b",
		`l <- list(u = "` + imdsURL + `a"); GET(l$u)`:                                    "a",
		`l <- c(u = "` + imdsURL + `a", v = "x"); GET(l[["u"]])`:                         "a",
		`l <- list("` + imdsURL + `a"); GET(l[[1]])`:                                     "a",
		`f <- function(p, u = "` + imdsURL + `") GET(paste0(u, p)); f("a")`:              "a",
		`f <- function() { "` + imdsURL + `a" }; GET(f())`:                               "a",
		`f <- function(x) { if (x) return("` + imdsURL + `a"); "b" }; GET(f(TRUE))`:      "a",
		`"` + imdsURL + `a" -> u; GET(u)`:                                                "a",
		`u = "` + imdsURL + `a"; u |> GET()`:                                             "a",
		`u = "` + imdsURL + `a"; u %>% GET`:                                              "a",
		`sapply(c("a", "b"), function(p) GET(paste0("` + imdsURL + `", p)))`:             "a b",
		`g <- function(p) GET(paste0("` + imdsURL + `", p)); lapply(c("a", "b"), g)`:     "a b",
		`for (p in c("a", "b")) GET(paste0("` + imdsURL + `", p))`:                       "a b",
		`u <- "x"; u <- "` + imdsURL + `a"; GET(u)`:                                      "a",
		`u <- "` + imdsURL + `a"; if (z) u <- "` + imdsURL + `b"; GET(u)`:                "b a",
		`GET(if (z) "` + imdsURL + `a" else "` + imdsURL + `b")`:                         "a b",
		`request("http://169.254.169.254") |> req_url_path("latest/a") |> req_perform()`: "a",
		`GET(r"(` + imdsURL + `a)")`:                                                     "a",
		`u <- "` + imdsURL + `a"; u <- "https://example.com"; GET(u)`:                    "",
		`GET <- function(u) u; GET("` + imdsURL + `a")`:                                  "",
		`GET("https://example.com/")`:                                                    "",
		`readLines("instance-data")`:                                                     "",
		`quote(GET("` + imdsURL + `a"))`:                                                 "",
	} {
		got := strings.ReplaceAll(urls(analyze(src)), imdsURL, "")
		if got != want {
			t.Errorf("%s\n got %q\nwant %q", src, got, want)
		}
	}
	if got := urls(analyze(`u <- "`+imdsURL+`a"`, `f <- function() GET(u)`, `f()`)); got != imdsURL+"a" {
		t.Errorf("over three cells: %q", got)
	}
}

// Code of any shape ends in facts or in a broken part, in bounded time.
func TestHostileInputEnds(t *testing.T) {
	const get = `GET(paste0("` + imdsURL + `", x))` + "\n"
	lines := func(n int, format string) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, format+"\n", i, i+1)
		}
		return s.String()
	}
	for name, src := range map[string]string{
		"empty":            "",
		"nul":              "x <- \"\x00\"\n" + get,
		"invalid utf8":     "x <- \"\xff\xfe\"\n" + get,
		"brackets":         "x <- " + strings.Repeat("(", 20000) + strings.Repeat(")", 20000) + "\n" + get,
		"braces":           strings.Repeat("{", 20000) + get + strings.Repeat("}", 20000),
		"open":             strings.Repeat("f(", 50000),
		"unary":            "x <- " + strings.Repeat("-", 20000) + "1\n" + get,
		"else if":          strings.Repeat("if (a) x else ", 5000) + "x\n" + get,
		"pipes":            "x <- y" + strings.Repeat(" |> f()", 10000) + "\n" + get,
		"own name":         "x <- x\n" + get + "x <- paste0(x, x)\n" + get,
		"doubles":          "x <- 'a'\n" + strings.Repeat("x <- paste0(x, x)\n", 60) + get,
		"alternatives":     "x <- c('a', 'b', 'c', 'd')\n" + strings.Repeat("x <- paste0(x, c('e', 'f', 'g'))\n", 40) + get,
		"chain":            lines(3000, "x%d <- x%d") + "x <- x0\n" + get,
		"functions":        lines(1000, "f%d <- function(a) f%d(a)") + "x <- f0('a')\n" + get,
		"calls":            "f <- function(a) GET(paste0('" + imdsURL + "', a))\n" + strings.Repeat("f('b')\n", 5000),
		"mutual":           "f <- function(a) g(g(a))\ng <- function(a) f(f(a))\nx <- f('a')\n" + get,
		"nested functions": strings.Repeat("f <- function(a) { g <- function(b) { ", 200) + get + strings.Repeat("} }\n", 200),
		"lists":            "x <- list(a = x, b = x)\nx$a <- x$b\nx$b <- x$a\n" + get + "GET(x$a)\n",
		"headers":          "h <- c(h, h, h)\n" + strings.Repeat("h <- c(h, A = h)\n", 50) + "GET('" + imdsURL + "', add_headers(.headers = h))\n",
		"handles":          "h <- new_handle()\n" + strings.Repeat("handle_setheaders(h, A = 'b')\n", 2000) + "curl_fetch_memory('" + imdsURL + "', handle = h)\n",
		"requests":         "r <- request('" + imdsURL + "')\n" + strings.Repeat("r <- req_url_path_append(r, c('a', 'b'))\n", 300) + "req_perform(r)\n",
		"assignments":      strings.Repeat("x <- 'a'\n", 10000) + strings.Repeat(get, 300),
		"glue":             "GET(glue('" + imdsURL + strings.Repeat("{x}", 5000) + "'))\n",
		"sprintf":          "GET(sprintf('" + imdsURL + strings.Repeat("%s", 5000) + "', x))\n",
		"commands":         strings.Repeat("system(paste('curl', '-s', '"+imdsURL+"'))\n", 1000),
		"words":            "system2('curl', c(" + strings.Repeat("'-s', ", 20000) + "'" + imdsURL + "'))\n",
		"mentions":         "h <- '169.254.169.254'\n" + strings.Repeat("if (h == x) print(h)\n", 3000),
		"sockets":          strings.Repeat("local({ con <- socketConnection('169.254.169.254'); writeLines('PUT /latest/api/token', con) })\n", 500),
	} {
		start := time.Now()
		f := analyze(src)
		for _, r := range f.Requests {
			if len(r.URLs) > 4*maxValues*maxRefs {
				t.Errorf("%s: %d addresses", name, len(r.URLs))
			}
		}
		if d := time.Since(start); d > 15*time.Second {
			t.Errorf("%s: took %v", name, d)
		} else if d > 2*time.Second {
			t.Logf("%s: took %v", name, d)
		}
	}
}

// What is pasted together reads as one text, and an edit of it comes back as
// it was made, or is refused.
func TestPasteLayer(t *testing.T) {
	for _, c := range []struct{ src, sep, want string }{
		{`f("curl -s ", url, " | jq .")`, "", "curl -s __hole0__ | jq ."},
		{`f('a', "b", 'c')`, "", "abc"},
		{`f(x, "/b", y)`, "", "__hole0__/b__hole1__"},
		{`f("curl", "-s", url)`, " ", "curl -s __hole0__"},
		{"f(x,\n  # why\n  \"b\", y)", " ", "__hole0__ b __hole1__"},
		{`f(r"(a\n)", g(1, "x"), "")`, "", `a\n__hole0__`},
	} {
		file := span.File([]byte(c.src))
		inner := strings.TrimSuffix(c.src[2:], ")")
		layer := pasted(c.sep)
		rng := span.Span{Start: 2, End: 2 + len(inner)}
		if q := inner[0]; q == '"' || q == '\'' {
			layer.Open, rng.Start = 1, 3
		} else if strings.HasPrefix(inner, `r"(`) {
			layer.Open, rng.Start = 3, 5
		}
		if q := inner[len(inner)-1]; q == '"' || q == '\'' {
			layer.End, rng.End = 1, rng.End-1
		}
		text, err := file.Decode(rng, layer)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if got := string(text.Bytes()); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.src, got, c.want)
		}
		made, plain := 0, 0
		for i := range text.Len() {
			if text.KindAt(i) == span.Verbatim {
				plain++
			}
		}
		for at := 0; at <= text.Len(); at++ {
			for _, insert := range []string{"X", `-H "a: 'b'" `} {
				edits, err := text.Lift([]span.Edit{{Span: span.Span{Start: at, End: at}, New: insert}})
				if err != nil {
					continue // Lift compares, and refuses what does not come back
				}
				after, err := span.Apply(file.Bytes(), edits)
				if err != nil {
					t.Fatal(err)
				}
				if tree, err := treesitter.Parse(treesitter.R, after); err != nil || tree.Root().HasError() {
					t.Errorf("%s became %s", c.src, after)
				}
				made++
			}
		}
		if made < 2*plain {
			t.Errorf("%s: %d edits were possible in %d bytes", c.src, made, plain)
		}
	}
}
