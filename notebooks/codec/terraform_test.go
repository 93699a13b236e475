package codec_test

import (
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
)

func init() {
	bits := []string{`a`, `${a}`, `$${a}`, `%{ if a }`, `%%{`, `$`, `%`, `{`, `}`, "\n", `${f("}")}`, `é`, `$a`}
	lawLayers = append(lawLayers, lawLayer{name: "terraform", bits: bits, decode: whole(codec.Terraform{})})
}

func TestTerraform(t *testing.T) {
	l := codec.Terraform{}
	runCases(t, []layerCase{
		{name: "shell", layer: l, outer: "a $(b) $c $${d} ${var.e} %{ if f }", want: "a $(b) $c ${d} __hole0__ __hole1__", old: "a", new: "${x:?}", edited: "$${x:?} $(b) $c $${d} ${var.e} %{ if f }", picky: true},
		{name: "quotes in a hole", layer: l, outer: `${f("}")}b`, want: "__hole0__b", old: "b", new: "c", edited: `${f("}")}c`, picky: true},
		{name: "open", layer: l, outer: "a ${b", bad: true},
		{name: "dollar before a bracket", layer: l, outer: "a {b", want: "a {b", old: "a ", new: "$", refused: errLens, picky: true},
	})
}
