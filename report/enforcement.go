package report

import (
	"io"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
)

// Enforcement prints what is known of the setting for people.
func Enforcement(w io.Writer, r *result.Enforcement, o Options) error {
	e := enforcementWriter{newTextWriter(w, nil, o), r}
	e.state()
	e.before()
	e.events()
	if !o.Quiet {
		for _, n := range r.Notes {
			e.note(Clean(n))
		}
	}
	return e.w.Flush()
}

type enforcementWriter struct {
	*textWriter
	r *result.Enforcement
}

// SettingText is the service's own text of a setting, in words where there is
// none.
func SettingText(raw string) string {
	if raw == "" {
		return "never set"
	}
	return Clean(raw)
}

// exactTime is a time to the second.
func exactTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// HowLong is how long something took.
func HowLong(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second / 10).String()
}

func (e *enforcementWriter) state() {
	r := e.r
	value := e.warn(r.Setting)
	if r.Setting == "on" {
		value = e.ok(r.Setting)
	}
	e.printf("%s enforcement of IMDSv2 is %s (%s: %s)\n", e.bold(Clean(r.Workspace)+":"), value, Clean(r.Key), SettingText(r.Raw))
	switch {
	case r.Setting == "unknown" && r.Raw == "":
	case r.Since.IsZero():
		e.printf("  this machine does not know since when\n")
	case r.Exact:
		e.printf("  since %s, switched by %s with imdsscan\n", exactTime(r.Since), Clean(r.By))
	case r.By != "":
		e.printf("  since %s at the latest; %s had it switched with imdsscan, and nobody waited for it\n", exactTime(r.Since), Clean(r.By))
	default:
		e.printf("  since %s at the latest, when it was first seen to be; it was not switched with imdsscan on this machine\n", exactTime(r.Since))
	}
	if !r.Lost.IsZero() {
		e.printf("  %s it was on (known since %s), and somebody else has changed it\n", e.red("lost:"), exactTime(r.Lost))
	}
	if r.Waiting {
		e.printf("  %s a change was sent, and has not been seen to take effect\n", e.warn("waiting:"))
	}
}

// before tells what still runs as it did before the switch.
func (e *enforcementWriter) before() {
	r := e.r
	for _, u := range r.Unread {
		e.printf("%s %s %s\n", e.bold(Clean(u.Path)+":"), e.red("not read:"), Clean(u.Reason))
	}
	switch {
	case r.Setting != "on":
	case len(r.Running) > 0:
		e.printf("%s, on instances that may still answer without a token\n", Plural(len(r.Running), "thing runs or is kept from before", "things run or are kept from before"))
		e.running(r.Running)
	case len(r.Unread) == 0:
		e.printf("  %s\n", e.ok("nothing runs from before"))
	}
}

func (e *enforcementWriter) events() {
	if len(e.r.Events) == 0 || e.o.Quiet {
		return
	}
	e.printf("%s\n", e.bold("History on this machine"))
	for i := range e.r.Events {
		x := &e.r.Events[i]
		var parts []string
		add := func(s string) { parts = append(parts, s) }
		switch x.Kind {
		case result.SettingChange:
			add(SettingText(x.Old) + " → " + SettingText(x.New) + " by " + Clean(x.User))
		case result.SettingRestart:
			add("restart of " + Clean(x.Object) + " by " + Clean(x.User))
		case result.SettingAccepted:
			add("taken as it is by " + Clean(x.User))
		default:
			add("seen: " + SettingText(x.New))
		}
		if x.Kind == result.SettingChange || x.Kind == result.SettingRestart {
			outcome := Clean(x.Outcome)
			switch {
			case outcome == "":
				outcome = "begun, and not seen to its end"
			case x.Late:
				outcome += ", as a later look found"
			case x.Kind == result.SettingChange && x.Outcome == "took effect":
				outcome += " after " + HowLong(x.Settled.Sub(x.Time))
			}
			switch {
			case x.Why == "":
			case x.Kind == result.SettingRestart:
				outcome = Clean(x.Why)
			default:
				outcome += " (" + Clean(x.Why) + ")"
			}
			add(outcome)
		}
		if x.Forced {
			add("forced over " + Plural(len(x.Blockers), "entry", "entries") + " of preflight")
		}
		if x.Reason != "" {
			add("reason: " + Clean(x.Reason))
		}
		e.printf("  %s  %s\n", exactTime(x.Time), strings.Join(parts, "; "))
		if x.Forced && e.o.Verbose {
			for _, b := range x.Blockers {
				e.note(Clean(b))
			}
		}
	}
}
