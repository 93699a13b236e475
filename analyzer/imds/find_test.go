package imds

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFind(t *testing.T) {
	// The address to be found stands between angle marks.
	for _, text := range []string{
		"‹169.254.169.254›", "http://‹169.254.169.254›/latest/", "no_proxy=localhost,‹169.254.169.254›,.internal",
		"‹169.254.169.254›/32 ‹169.254.169.254›:80", "at ‹169.254.169.254›.", "${H:-‹169.254.169.254›}",
		`"echo\n‹169.254.169.254›\n"`, `http%3A%2F%2F‹169.254.169.254›%2Flatest`, `\u002f‹169.254.169.254›`, `\x2f‹169.254.169.254›`,
		"http://‹169.254.169.254›__hole0__ __hole1__‹169.254.169.254›", "10.0.0.1-‹169.254.169.254›-10.0.0.2",
		"http://‹169.254.169.254›/metadata/instance", "abc:‹169.254.169.254›",
		"http://‹2852039166›/", "H=‹0xA9FEA9FE›", "‹0xa9fea9fe›.", "‹0251.0376.0251.0376›", "‹025177524776›", "‹169.254.43518›",
		"‹169.16689662›", "‹0xa9.0xfe.0xa9.0xfe›", "‹0xa9.254.0251.254›", `"\n‹2852039166›"`, "${H:-‹2852039166›}", "x:‹2852039166›",
		"http://[‹fd00:ec2::254›]/", "‹FD00:EC2::254›", "‹fd00:0ec2:0:0::254›", "[‹::ffff:169.254.169.254›]", "[‹::ffff:a9fe:a9fe›]",
		"‹0:0:0:0:0:ffff:a9fe:a9fe›", "addr:‹fd00:ec2::254›", "url:‹fd00:ec2::254›", "‹fd00:ec2::254›/128", "is ‹fd00:ec2::254›.", `"\n‹fd00:ec2::254›"`,
		"http://‹instance-data›/latest", "https://‹instance-data›", "http://‹Instance-Data›:80/", "{s}://‹instance-data›", "http://u:p@‹instance-data›/",
		"http:%2F%2F‹instance-data›", `http:\/\/‹instance-data›\/latest`, "curl -s ‹instance-data›/latest/meta-data", "curl -s ‹instance-data›",
		"wget --quiet ‹instance-data›", "x = '‹instance-data›/2009-04-04/'", "//‹instance-data›/latest", "HTTPConnection(\"‹instance-data›\")",
		"nc ‹instance-data›:80", "IMDS_HOST=‹instance-data›", "x = '‹instance-data›'", "{\"host\": \"‹instance-data›\"}", "f(host='‹instance-data›')", "socket.gethostbyname(\"‹instance-data›\")", "${H:-‹instance-data›}", "‹instance-data.ec2.internal›", "ping ‹instance-data.ec2.internal›.",
		"http://‹instance-data›.", "http://‹instance-data›__hole0__",
		"‹MTY5LjI1NC4xNjkuMjU0›", "IyEvYmluL3NoCmN1cmwgaHR0cDovLz‹E2OS4yNTQuMTY5LjI1N›C8=",
	} {
		check(t, text)
	}
	for _, text := range []string{
		"169.254.169.2540", "1169.254.169.254", "10.169.254.169.254", "169.254.169.254.1", "169.254.169.254.nip.io", "x169.254.169.254",
		"169.254.169.254x", "169.254.169.254-x.example", "169.254.169.25", "169.254.170.2", "169.254.169.123 169.254.169.253 100.100.100.200",
		"28520391660", "12852039166", "-2852039166", "x2852039166", "2852039166-a", "1.2852039166", "2852039166.5", "x_2852039166", "2852039166px",
		"0xA9FEA9FE0", "0xA9FEA9FF", "169.254.43519", "v169.254.43518", "169.254.43518.1", "00251.0376.0251.0376", "169.0.0.1",
		"fd00:ec2::253", "fd00:ec2::2540", "fd00:ec2::254g", "afd00:ec2::254", "::a9fe:a9fe", "12:34:56", "::", ":",
		"the instance-data service", "instance-data-class", "myinstance-data", "my-instance-data", "my.instance-data", "instance-data_x", "instance-data.json",
		"/run/instance-data/latest", "./instance-data/latest", "s3://instance-data/x", "s3://instance-data", "//instance-data of the class",
		"{\"instance-data\": 1}", "m[\"instance-data\"]", "join(\"instance-data\")", "x == \"instance-data\"", "{'kind': 'instance-data'}", "f(kind='instance-data')", "\"instance-data\"", "http://instance-data-foo/", "http://instance-data.com/", "http://my-instance-data/",
		"instance-data: 80", "instance-data:1.0", "type=instance-data", "fetch the instance-data", "curl the instance-data", "`instance-data`",
		"xinstance-data.ec2.internal", "instance-data.ec2.internal.example", "instance-data.ec2.internals", "instance_data",
		"MTY5LjI1NC4xNjkuMjU1", "",
	} {
		check(t, text)
	}
}

func check(t *testing.T, marked string) {
	t.Helper()
	var want []string
	var text strings.Builder
	for i, part := range strings.Split(marked, "‹") {
		if i == 0 {
			text.WriteString(part)
			continue
		}
		word, rest, _ := strings.Cut(part, "›")
		want = append(want, word)
		text.WriteString(word + rest)
	}
	var got []string
	for _, o := range Find([]byte(text.String())) {
		got = append(got, text.String()[o.Span.Start:o.Span.End])
		if o.Spelling == "" {
			t.Errorf("%s: no spelling", marked)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: found %q", marked, got)
	}
}

func TestFindSpelling(t *testing.T) {
	for text, want := range map[string]Spelling{
		"169.254.169.254": DottedDecimal, "2852039166": Numeric, "[::ffff:169.254.169.254]": IPv6,
		"http://instance-data": HostName, "MTY5LjI1NC4xNjkuMjU0": Base64,
	} {
		if got := Find([]byte(text)); len(got) != 1 || got[0].Spelling != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

// TestFindLinear searches texts made to be searched again and again from every
// place in them.
func TestFindLinear(t *testing.T) {
	size := 2 << 20
	if testing.Short() {
		size /= 8 // the race detector is run with -short, and slow; more than linear time shows here as well
	}
	for _, unit := range []string{"a:", "1.", "1", "0", ":", "::", "169.254.169.254", "169.254.169.254.", "instance-data", "-instance-data:", "curl -s instance-data ", "a:1.", "\\n"} {
		b := bytes.Repeat([]byte(unit), size/len(unit))
		start := time.Now()
		Find(append(b, 'g'))
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%q repeated takes %v", unit, d)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add([]byte("http://169.254.169.254/ [fd00:ec2::254] curl instance-data \\n2852039166"))
	f.Fuzz(func(t *testing.T, b []byte) {
		end := 0
		for _, o := range Find(b) {
			if o.Span.Start < end || o.Span.End > len(b) || o.Span.Len() == 0 {
				t.Fatalf("span %v after %d in %q", o.Span, end, b)
			}
			end = o.Span.End
			if text := string(b[o.Span.Start:end]); o.Spelling != Base64 && hostSpelling(text) == "" {
				t.Errorf("%q is not a host", text)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	line := `    "df = spark.read.parquet('s3://bucket/path/2024-01-02T03:04:05.000Z') # 1.25 instance-type\n",` + "\n"
	text := bytes.Repeat([]byte(line), 4<<20/len(line))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Find(text)
	}
}
