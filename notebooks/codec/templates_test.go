package codec_test

import (
	"fmt"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
)

func TestTemplates(t *testing.T) {
	format, percent := codec.FormatTemplate{}, codec.PercentTemplate{}
	dollar, safe := codec.DollarTemplate{}, codec.DollarTemplate{Safe: true}
	runCases(t, []layerCase{
		{name: "format", layer: format, outer: "a {} {{b}} {x!r:>{w}} {y[{]}", want: "a __hole0__ {b} __hole1__ __hole2__", old: "b", new: "${X:?}", edited: "a {} {{${{X:?}}}} {x!r:>{w}} {y[{]}", picky: true},
		{name: "format hole", layer: format, outer: "a{}", want: "a__hole0__", old: "__hole0__", new: "x", refused: errOpaque, picky: true},
		{name: "shell braces under format are fields", layer: format, outer: "${A}", want: "$__hole0__", picky: true},
		{name: "single brace", layer: format, outer: "a}", bad: true},
		{name: "open field", layer: format, outer: "a{b", bad: true},
		{name: "brace in a name", layer: format, outer: "{a{b}{{c}}}", bad: true},
		{name: "no field", layer: format, outer: "$A %s", want: "$A %s", old: "A", new: "B{}", edited: "$B{{}} %s"},

		{name: "percent", layer: percent, outer: "a %s 5%% %(n)-5.2f %*d%c", want: "a __hole0__ 5% __hole1__ __hole2____hole3__", old: "5", new: "%{http_code}", edited: "a %s %%{http_code}%% %(n)-5.2f %*d%c", picky: true},
		{name: "percent hole", layer: percent, outer: "%s", want: "__hole0__", old: "__hole0__", new: "", refused: errOpaque, picky: true},
		{name: "no such conversion", layer: percent, outer: "100% yes", bad: true},
		{name: "percent at the end", layer: percent, outer: "100%", bad: true},
		{name: "open name", layer: percent, outer: "%(a", bad: true},

		{name: "dollar", layer: dollar, outer: "a $b ${c}d $$e", want: "a __hole0__ __hole1__d $e", old: "$e", new: "$e$T", edited: "a $b ${c}d $$e$$T", picky: true},
		{name: "dollar alone", layer: dollar, outer: "a $(b)", bad: true},
		{name: "dollar alone is safe", layer: safe, outer: "a $(b) $1 ${x:-y} $", want: "a $(b) $1 ${x:-y} $", old: "b", new: "$c", edited: "a $($$c) $1 ${x:-y} $", picky: true},
	})
}

func TestTemplateHoles(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{fmt.Sprint(codec.FormatHoles([]byte("{} {:{}} {} {a.b} {1} {n!r} {{}}"))),
			"[{[0,2)  0 true} {[3,8)  1 false} {[9,11)  3 true} {[12,17) a.b -1 false} {[18,21) 1 1 true} {[22,27) n -1 false}]"},
		{fmt.Sprint(codec.PercentHoles([]byte("%s %% %*d %(k)s %5s"))),
			"[{[0,2)  0 true} {[6,9)  2 false} {[10,15) k -1 true} {[16,19)  3 false}]"},
		{fmt.Sprint(codec.DollarHoles([]byte("$a ${b}"), false)), "[{[0,2) a -1 true} {[3,7) b -1 true}]"},
		{fmt.Sprint(codec.FormatHoles([]byte("{"))), "[]"},
		{fmt.Sprint(codec.PercentHoles([]byte("%"))), "[]"},
		{fmt.Sprint(codec.DollarHoles([]byte("$"), false)), "[]"},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}
