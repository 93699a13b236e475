package enforce

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/restart"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

const confAPI = "/api/2.0/workspace-conf"

func connect(t *testing.T) (*emulator.Server, *workspace.Client) {
	t.Helper()
	s := emulator.New(emulator.Options{})
	t.Cleanup(s.Close)
	for k, v := range map[string]string{"DATABRICKS_HOST": s.URL(), "DATABRICKS_TOKEN": s.Token(), "DATABRICKS_AUTH_TYPE": "pat",
		"DATABRICKS_CONFIG_FILE": os.DevNull, "DATABRICKS_RATE_LIMIT": "100000", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(k, v)
	}
	c, err := workspace.Connect(t.Context(), workspace.Options{Version: "1.0.0", RetryFor: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

var quick = Options{Wait: 300 * time.Millisecond, Pause: func(int) time.Duration { return 10 * time.Millisecond }}

func unset() setting.Setting {
	return setting.Setting{Key: setting.EnforceIMDSv2, Value: setting.Unknown}
}

// Whatever the service answers, a change is announced before it is sent, sent
// once, and told by what is read afterwards; the history on the disk says the
// same.
func TestCarry(t *testing.T) {
	fail := func(method string, after int, kind emulator.Kind) func(*emulator.Server, func()) {
		return func(s *emulator.Server, _ func()) {
			s.Inject(emulator.Fault{Method: method, Path: confAPI, After: after, Times: -1, Kind: kind})
		}
	}
	at := func(method string, after int, do func(s *emulator.Server, cancel func())) func(*emulator.Server, func()) {
		return func(s *emulator.Server, cancel func()) {
			s.Inject(emulator.Fault{Method: method, Path: confAPI, After: after, Hook: func(s *emulator.Server) { do(s, cancel) }})
		}
	}
	interrupt := func(_ *emulator.Server, cancel func()) { cancel() }
	for name, c := range map[string]struct {
		before  func(s *emulator.Server, cancel func())
		outcome Outcome // empty: nothing was sent
		err     error
		why     string
	}{
		"at once":              {outcome: Effect},
		"later":                {before: func(s *emulator.Server, _ func()) { s.DelayConf(100 * time.Millisecond) }, outcome: Effect},
		"ignored":              {before: func(s *emulator.Server, _ func()) { s.DelayConf(-1) }, outcome: NoEffect, why: "300ms after the service took it"},
		"the answer is lost":   {before: fail("PATCH", 0, emulator.LostReply), outcome: Effect},
		"and reset":            {before: fail("PATCH", 0, emulator.LostReset), outcome: Effect},
		"a gateway times out":  {before: fail("PATCH", 0, emulator.StatusAfter(http.StatusGatewayTimeout)), outcome: Effect},
		"it does not arrive":   {before: fail("PATCH", 0, emulator.Drop), outcome: NotKnown, err: workspace.ErrUnknown, why: "the answer was lost, and 300ms later"},
		"an internal error":    {before: fail("PATCH", 0, emulator.Status(http.StatusInternalServerError)), outcome: NotKnown, err: workspace.ErrUnknown},
		"too many requests":    {before: fail("PATCH", 0, emulator.Status(http.StatusTooManyRequests)), outcome: Refused, err: workspace.ErrTooManyRequests},
		"not an administrator": {before: fail("PATCH", 0, emulator.Status(http.StatusForbidden)), outcome: Refused, err: setting.ErrNotAdmin, why: "administrators"},
		"it cannot be read":    {before: fail("GET", 1, emulator.Status(http.StatusForbidden)), outcome: NotKnown, err: setting.ErrNotAdmin, why: "it cannot be read"},
		"it cannot be read at first": {before: func(s *emulator.Server, _ func()) {
			s.Inject(emulator.Fault{Method: "GET", Path: confAPI, After: 1, Times: 3, Kind: emulator.Status(http.StatusBadRequest)})
		}, outcome: Effect},
		"changed meanwhile":           {before: func(s *emulator.Server, _ func()) { s.SetConf(setting.EnforceIMDSv2, "false") }, err: ErrChanged},
		"not readable before":         {before: fail("GET", 0, emulator.Status(http.StatusBadRequest)), err: &workspace.Error{}},
		"interrupted before":          {before: at("GET", 0, interrupt), err: context.Canceled},
		"interrupted with the change": {before: at("PATCH", 0, interrupt), outcome: Effect},
		"interrupted while it waits": {before: func(s *emulator.Server, cancel func()) {
			s.DelayConf(-1)
			at("GET", 2, interrupt)(s, cancel)
		}, outcome: NotKnown, err: context.Canceled, why: "interrupted"},
		"interrupted as it takes effect": {before: func(s *emulator.Server, cancel func()) {
			s.DelayConf(-1)
			at("GET", 2, func(s *emulator.Server, cancel func()) { s.SetConf(setting.EnforceIMDSv2, "true"); cancel() })(s, cancel)
		}, outcome: Effect},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := connect(t)
			h := testHistory(t)
			l := open(t, h, client.Host())
			look(t, l, "")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			announced := c.before != nil
			if !announced {
				at("PATCH", 0, func(*emulator.Server, func()) {
					st, err := h.Read(client.Host())
					announced = err == nil && st.Open() != nil && st.Open().New == "true"
				})(s, cancel)
			}
			if c.before != nil {
				c.before(s, cancel)
			}
			x, err := l.Carry(ctx, client, Order{On: true, Was: unset(), User: "ana", Reason: "why", Pools: []string{}}, quick)
			var we *workspace.Error
			if _, any := c.err.(*workspace.Error); any && errors.As(err, &we) {
				err = c.err
			}
			if !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			sent := 0
			for _, r := range s.Requests() {
				if r.Method == "PATCH" {
					sent++
				}
			}
			st, bad := h.Read(client.Host())
			if bad != nil {
				t.Fatal(bad)
			}
			if c.outcome == "" {
				if x != nil || sent != 0 || len(st.Switches) != 0 {
					t.Errorf("%+v, sent %d times, %d in the history", x, sent, len(st.Switches))
				}
				return
			}
			if sent != 1 || len(st.Switches) != 1 {
				t.Fatalf("sent %d times, %d in the history", sent, len(st.Switches))
			}
			if got := st.Switches[0]; x.Outcome != c.outcome || got.Outcome != c.outcome || got.Late || !strings.Contains(got.Why, c.why) || got.Reason != "why" || got.Old != "" || got.Pools == nil {
				t.Errorf("%s; in the history %+v", x.Outcome, got)
			}
			at, exact, ok := h.Since(client.Host())
			if on := c.outcome == Effect; ok != on || exact != on || on && !at.Equal(x.Settled) {
				t.Errorf("on since %v %v %v", at, exact, ok)
			}
			if !announced {
				t.Error("it was sent before it was in the history")
			}
		})
	}
}

// What cannot be written down is not sent.
func TestNothingIsSentThatIsNotWrittenDown(t *testing.T) {
	s, client := connect(t)
	l := open(t, testHistory(t), client.Host())
	look(t, l, "")
	_ = l.Close()
	if x, err := l.Carry(t.Context(), client, Order{On: true, Was: unset()}, quick); err == nil || x != nil {
		t.Errorf("%v, %v", x, err)
	}
	if _, set := s.Conf(setting.EnforceIMDSv2); set {
		t.Error("it was sent")
	}
}

func TestUndo(t *testing.T) {
	l := open(t, testHistory(t), host)
	settle := func(n int, o Outcome, raw string) {
		put(t, l, Record{Step: Settled, Of: n, Outcome: o, Value: raw, Read: true})
	}
	if _, ok := l.State.Undo(); ok {
		t.Error("of nothing")
	}
	look(t, l, "false")
	n := change(t, l, "true")
	settle(n, Effect, "true")
	settle(change(t, l, "true"), Refused, "")
	if by, ok := l.State.Undo(); !ok || by.N != n || by.Old != "false" {
		t.Errorf("%+v, %v", by, ok)
	}
	settle(change(t, l, "false"), Effect, "false")
	if by, ok := l.State.Undo(); ok {
		t.Errorf("undone already: %+v", by)
	}
	change(t, l, "true") // open: it may have arrived
	if _, ok := l.State.Undo(); !ok {
		t.Error("what may have arrived can be undone")
	}
}

func TestRestartsAreKnown(t *testing.T) {
	h := testHistory(t)
	l := open(t, h, host)
	etl, dev := &restart.Holder{Kind: restart.Cluster, ID: "c-1", Name: "etl"}, &restart.Holder{Kind: restart.Cluster, ID: "c-2"}
	back := begin.Add(time.Hour)
	restarted := func(x *restart.Holder, back time.Time) {
		t.Helper()
		n, err := l.Restarting(x, "ana")
		if err == nil {
			err = l.Restarted(n, x, "restarted", "", back)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	restarted(dev, back) // before the switch: it tells nothing
	n := put(t, l, Record{Step: Change, Key: "k", New: "true", Pools: []string{"p"}})
	put(t, l, Record{Step: Settled, Of: n, Outcome: Effect, Value: "true", Read: true})
	if err := l.SeenPools([]string{"p", "q"}, "ana"); err != nil {
		t.Fatal(err)
	}
	restarted(etl, back)
	if _, err := l.Restarting(dev, "ana"); err != nil {
		t.Fatal(err)
	}
	st, err := h.Read(host)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SeenClean([]string{"p", "w"}, "ana"); err != nil {
		t.Fatal(err)
	}
	records := len(l.State.Records)
	if err := l.SeenClean([]string{"w"}, "ana"); err != nil || len(l.State.Records) != records {
		t.Errorf("it is kept twice: %v", err)
	}
	if again, err := h.Read(host); err != nil || !slices.Equal(again.Known().Clean, []string{"p", "w"}) {
		t.Errorf("%+v %v", again.Known(), err)
	}
	k := st.Known()
	if !slices.Equal(k.Pools, []string{"p", "p", "q"}) || len(k.Restarted) != 1 || !k.Restarted["c-1"].Equal(back) {
		t.Errorf("%+v", k)
	}
	look(t, l, "false")
	look(t, l, "true")
	if k := l.State.Known(); k.Pools != nil || len(k.Restarted) != 0 || len(k.Clean) != 0 {
		t.Errorf("of a switch by somebody else: %+v", k)
	}
}
