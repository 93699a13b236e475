package apply

import (
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// Init scripts outside of the tree are written and put back under the same
// rules.
func TestInitScripts(t *testing.T) {
	const before, after = "#!/bin/sh\ncurl x\n", "#!/bin/sh\ntoken\ncurl x\n"
	w := newWorld(t, 0)
	off := w.s.AddGlobalInitScript("other", []byte(before), false)
	id := w.s.AddGlobalInitScript("tags", []byte(before), true)
	w.s.AddVolumeFile("/Volumes/main/a/b/init.sh", []byte(before))
	w.s.AddDBFS("dbfs:/init/a.sh", []byte(before))
	w.plan.Objects = nil
	for _, o := range []plan.Object{
		{Name: "workspace: global init script other", ID: off, Type: plan.TypeGlobal},
		{Name: "workspace: global init script tags", ID: id, Type: plan.TypeGlobal},
		{Name: "workspace: init script /Volumes/main/a/b/init.sh", ID: "/Volumes/main/a/b/init.sh", Type: plan.TypeVolume},
		{Name: "workspace: init script dbfs:/init/a.sh", ID: "/init/a.sh", Type: plan.TypeDBFS},
	} {
		o, err := plan.New(o, []byte(before), []byte(after))
		if err != nil {
			t.Fatal(err)
		}
		w.plan.Objects = append(w.plan.Objects, o)
	}
	if err := w.plan.Seal(); err != nil {
		t.Fatal(err)
	}
	all := func(want string) {
		t.Helper()
		a, _ := w.s.GlobalInitScript(off)
		b, _ := w.s.GlobalInitScript(id)
		c, _ := w.s.VolumeFile("/Volumes/main/a/b/init.sh")
		d, _ := w.s.DBFS("/init/a.sh")
		for i, got := range []string{string(a), string(b), string(c), string(d)} {
			if got != want {
				t.Errorf("%d holds %q, want %q", i, got, want)
			}
		}
	}
	writes := []string{"PATCH /api/2.0/global-init-scripts/*", "PUT /api/2.0/fs/files/*", "POST /api/2.0/dbfs/put"}
	for _, kind := range []emulator.Kind{{}, emulator.LostReply, emulator.Status(503), emulator.Status(429)} {
		for _, call := range writes {
			method, path, _ := strings.Cut(call, " ")
			w.s.Inject(emulator.Fault{Method: method, Path: path, Kind: kind})
		}
		run, res, err := w.start()
		w.want(res, err, 0, "fixed:4")
		all(after)
		res, err = w.again(run, true)
		w.want(res, err, 0, "restored:4")
		all(before)
		w.s.Clear()
	}
	// Somebody changes all of them while they are written.
	edited := "#!/bin/sh\nsomebody\n"
	for _, call := range writes {
		method, path, _ := strings.Cut(call, " ")
		w.s.Inject(emulator.Fault{Method: method, Path: path, Kind: emulator.Status(503), Times: -1, Hook: func(s *emulator.Server) {
			s.AddVolumeFile("/Volumes/main/a/b/init.sh", []byte(edited))
			s.AddDBFS("/init/a.sh", []byte(edited))
		}})
	}
	w.plan.Objects = w.plan.Objects[2:]
	if err := w.plan.Seal(); err != nil {
		t.Fatal(err)
	}
	_, res, err := w.start()
	if err != nil || res.Code < CodeChanged {
		t.Errorf("%+v %v", res, err)
	}
	if c, _ := w.s.VolumeFile("/Volumes/main/a/b/init.sh"); string(c) != edited {
		t.Errorf("an edit was replaced: %q", c)
	}
}
