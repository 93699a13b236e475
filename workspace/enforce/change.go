package enforce

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// Order is a change that was decided on.
type Order struct {
	On bool
	// Was is the setting that the decision was made from.
	Was setting.Setting
	// User, Reason, Forced and Blockers are for the history.
	User, Reason string
	Forced       bool
	Blockers     []string
	// Pools are the ids of the instance pools that are there; nil: not known.
	Pools []string
}

// Options say how long to wait for a change.
type Options struct {
	// Wait is how long the setting is read until the change has taken effect.
	Wait time.Duration
	// Pause is the time before a reading, counted from 0; nil is from half a
	// second to five.
	Pause func(n int) time.Duration
	// Waiting is called with what is read instead of the new value; nil is nobody.
	Waiting func(setting.Setting)
}

// ErrChanged: the setting is not what the decision was made from.
var ErrChanged = errors.New("the setting has changed meanwhile")

// finish is how long a request may take that is in hand when the user
// interrupts.
const finish = 30 * time.Second

// Carry carries out an order: it looks once more, announces the change in the
// history, sends it once, and reads the setting until the new value is there or
// time is up. It is never sent again, whatever the answer was: what counts is
// what is read. The change is in the history with its outcome whenever Carry
// returns one; the error beside it says why nothing better is known. Without an
// outcome nothing was sent.
//
// An interrupt lets the request in hand and one more reading come to their end.
func (l *Log) Carry(ctx context.Context, c *workspace.Client, o Order, opt Options) (*Switch, error) {
	now, err := setting.Read(ctx, c, o.Was.Key)
	if err != nil {
		return nil, err
	}
	if err := l.Looked(now, o.User); err != nil {
		return nil, err
	}
	if now.Raw != o.Was.Raw {
		return nil, fmt.Errorf("%w: it was %q, and is %q", ErrChanged, o.Was.Raw, now.Raw)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n, err := l.append(Record{Step: Change, User: o.User, Key: o.Was.Key, Old: now.Raw, New: fmt.Sprint(o.On),
		Reason: o.Reason, Forced: o.Forced, Blockers: o.Blockers, Pools: o.Pools})
	if err != nil {
		return nil, err
	}
	r := Record{Step: Settled, Of: n, User: o.User}
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), finish)
	sent := setting.Write(whole, c, o.Was.Key, o.On)
	cancel()
	if sent != nil && !errors.Is(sent, workspace.ErrUnknown) {
		r.Outcome, r.Why = Refused, workspace.Reason(sent)
		_, err := l.append(r)
		return l.State.change(n), errors.Join(sent, err)
	}
	why := l.await(ctx, c, &r, opt, setting.ValueOf(fmt.Sprint(o.On)), sent)
	if _, err := l.append(r); err != nil {
		return l.State.change(n), errors.Join(why, err)
	}
	return l.State.change(n), why
}

// await reads the setting until it is the wanted one, and fills in what became
// of the change. sent is what is known of its request.
func (l *Log) await(ctx context.Context, c *workspace.Client, r *Record, opt Options, want setting.Value, sent error) error {
	limited, cancel := context.WithTimeout(ctx, opt.Wait)
	defer cancel()
	pause := opt.Pause
	if pause == nil {
		pause = func(n int) time.Duration { return min(time.Second/2<<min(n, 8), 5*time.Second) }
	}
	var failed error
	for n := 0; ; n++ {
		at := limited
		last := limited.Err() != nil
		if last {
			// One more, so that what is told is of now.
			var stop func()
			at, stop = context.WithTimeout(context.WithoutCancel(ctx), finish)
			defer stop()
		}
		now, err := setting.Read(at, c, r.key(l))
		switch {
		case err == nil && now.Value == want:
			r.Outcome, r.Value, r.Read, r.There = Effect, now.Raw, true, now.At
			return nil
		case err == nil:
			failed, r.Value, r.Read, r.There = nil, now.Raw, true, now.At
			if opt.Waiting != nil && !last {
				opt.Waiting(now)
			}
		case at.Err() == nil || last:
			failed = err
			last = last || final(err)
		}
		if last {
			break
		}
		select {
		case <-time.After(pause(n)):
		case <-limited.Done():
		}
	}
	r.Outcome = NotKnown
	switch {
	case failed != nil:
		r.Value, r.Read, r.There = "", false, time.Time{}
		r.Why = "it cannot be read: " + workspace.Reason(failed)
		return failed
	case ctx.Err() != nil:
		r.Why = "interrupted before it was seen to take effect"
		return ctx.Err()
	case sent != nil:
		r.Why = "the answer was lost, and " + length(opt.Wait) + " later the setting was as before"
		return sent
	}
	r.Outcome, r.Why = NoEffect, length(opt.Wait)+" after the service took it, the setting was as before"
	return nil
}

// length is a time without what is zero in it.
func length(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// final tells errors that the next reading meets again.
func final(err error) bool {
	return errors.Is(err, setting.ErrNotAdmin) || errors.Is(err, setting.ErrNoSuchKey) || errors.Is(err, workspace.ErrUnauthenticated)
}

func (r *Record) key(l *Log) string { return l.State.change(r.Of).Key }

// Undo is the value that takes the setting back to what it was before it was
// switched on with imdsscan on this machine; ok is false when it was not. A
// setting cannot be made unset again: false stands for that.
func (s *State) Undo() (by *Switch, ok bool) {
	for i := len(s.Switches) - 1; i >= 0; i-- {
		x := s.Switches[i]
		if x.Outcome == Refused || x.Outcome == NoEffect {
			continue
		}
		if !x.On() {
			return nil, false
		}
		return x, true
	}
	return nil, false
}
