package codec_test

import (
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
)

func init() {
	bits := []string{"QUJD", "YcO8", "QQ", "==", "=", "\n", "\n    ", `\n`, "QU", "JD", "+/", "-_8", "\r\n"}
	lawLayers = append(lawLayers,
		lawLayer{name: "base64 lines", bits: bits, decode: whole(codec.Base64{})},
		lawLayer{name: "base64 url", bits: bits, decode: whole(codec.Base64{URL: true})})
}

func TestBase64(t *testing.T) {
	l := codec.Base64{}
	runCases(t, []layerCase{
		{name: "groups", layer: l, outer: "YWJjZGVm", want: "abcdef", old: "b", new: "x", edited: "YXhjZGVm", picky: true},
		{name: "padding", layer: l, outer: "YWJjZA==", want: "abcd", old: "d", new: "xe", edited: "YWJjeGU=", picky: true},
		{name: "no padding", layer: l, outer: "YWJjZA", want: "abcd", old: "d", new: "xe", edited: "YWJjeGU", picky: true},
		{name: "lines", layer: l, outer: "YWJj\n  ZGVm\n", want: "abcdef", old: "b", new: "x", edited: "YXhj\n  ZGVm\n", picky: true},
		{name: "lines in a group", layer: l, outer: "YW\nJjZGVm", want: "abcdef", picky: true},
		{name: "lines by escapes", layer: l, outer: `YWJj\nZGVm\n`, want: "abcdef", picky: true},
		{name: "longer in the middle", layer: l, outer: "YWJjZGVm", want: "abcdef", old: "b", new: "xy", refused: errUnencodable, picky: true},
		{name: "url", layer: codec.Base64{URL: true}, outer: "_-8_", want: "\xff\xef\x3f", picky: true},
		{name: "other alphabet", layer: l, outer: "_-8_", bad: true},
		{name: "padding inside", layer: l, outer: "YQ==YWJj", bad: true},
		{name: "a letter left", layer: l, outer: "YWJjZ", bad: true},
		{name: "too much padding", layer: l, outer: "YWJj====", bad: true},
	})
}
