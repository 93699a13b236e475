package patch

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/imdsscan/imdsscan/rules"
	"github.com/imdsscan/imdsscan/workspace"
)

// versionKey is how runtimes are named: 12.2.x-cpu-ml-scala2.12. What follows the
// version is the flavour.
var versionKey = regexp.MustCompile(`^([0-9]+)\.([0-9]+)\.x-(.+)$`)

// endsSoon is too soon for a runtime to move to.
const endsSoon = 90 * 24 * time.Hour

// newer is the oldest supported LTS runtime of the same flavour, at or above the
// old one, whose support does not end soon. why says, in words, why there is none
// that can be taken back.
func (b *builder) newer(old string) (key, why string) {
	if b.noList != nil {
		return "", "which runtimes the workspace offers is not known: " + workspace.Reason(b.noList)
	}
	was := versionKey.FindStringSubmatch(old)
	offered, best := false, -1
	for _, v := range b.versions {
		if v.Key == old {
			offered = true
		}
		is := versionKey.FindStringSubmatch(v.Key)
		if was == nil || is == nil || is[3] != was[3] || order(is) < order(was) {
			continue
		}
		r := rules.AllRuntimes().Judge(v.Key, b.choice.Now)
		lasts := r.Until.IsZero() || r.Until.Sub(b.choice.Now) >= endsSoon
		if r.Support == rules.IsSupported && r.LTS && lasts && (best < 0 || order(is) < best) {
			key, best = v.Key, order(is)
		}
	}
	switch {
	case !offered:
		return "", fmt.Sprintf("the workspace offers %s no more, so that it could not be put back", old)
	case key == "":
		return "", fmt.Sprintf("the workspace offers no supported LTS runtime of the same flavour as %s", old)
	}
	return key, ""
}

// order is a version as a number.
func order(m []string) int {
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	return major*1000 + minor
}
