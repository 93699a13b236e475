package setting

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/emulator"
)

func connect(t *testing.T, o emulator.Options) (*emulator.Server, *workspace.Client) {
	t.Helper()
	s := emulator.New(o)
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

func TestReadAndWrite(t *testing.T) {
	ahead := func() time.Time { return time.Now().Add(20 * time.Minute) }
	s, c := connect(t, emulator.Options{Now: ahead})
	read := func(want Value, raw string) {
		t.Helper()
		got, err := Read(t.Context(), c, EnforceIMDSv2)
		at := got.At
		if got.At = (time.Time{}); err != nil || got != (Setting{Key: EnforceIMDSv2, Value: want, Raw: raw}) {
			t.Errorf("%+v, %v, want %s", got, err, want)
		}
		if late := at.Sub(ahead()); late < 0 || late > 2*time.Second {
			t.Errorf("read %v after the service's own time", late)
		}
	}
	read(Unknown, "") // never set
	for _, on := range []bool{true, false, true} {
		if err := Write(t.Context(), c, EnforceIMDSv2, on); err != nil {
			t.Fatal(err)
		}
		if on {
			read(On, "true")
		} else {
			read(Off, "false")
		}
	}
	s.SetConf(EnforceIMDSv2, "maybe")
	read(Unknown, "maybe")
}

func TestErrorsAreTold(t *testing.T) {
	_, c := connect(t, emulator.Options{NotAdmin: true})
	for _, err := range []error{Write(t.Context(), c, EnforceIMDSv2, true), second(Read(t.Context(), c, EnforceIMDSv2))} {
		if !errors.Is(err, ErrNotAdmin) || !strings.Contains(err.Error(), "administrators") {
			t.Errorf("not an administrator: %v", err)
		}
	}
	_, c = connect(t, emulator.Options{})
	if err := second(Read(t.Context(), c, "enableNothing")); !errors.Is(err, ErrNoSuchKey) {
		t.Errorf("an invalid key: %v", err)
	}
	_, c = connect(t, emulator.Options{Cloud: "Azure"})
	if err := second(Read(t.Context(), c, EnforceIMDSv2)); !c.IsAWS() && !errors.Is(err, ErrNotAWS) || c.IsAWS() && !errors.Is(err, ErrNoSuchKey) {
		t.Errorf("not on AWS: %v", err)
	}
}

// A write that got lost is sent once, and told as such.
func TestLostWrite(t *testing.T) {
	s, c := connect(t, emulator.Options{})
	s.Inject(emulator.Fault{Method: "PATCH", Path: "/api/2.0/workspace-conf", Times: 1, Kind: emulator.LostReply})
	if err := Write(t.Context(), c, EnforceIMDSv2, true); !errors.Is(err, workspace.ErrUnknown) {
		t.Errorf("%v", err)
	}
	n := 0
	for _, r := range s.Requests() {
		if r.Method == "PATCH" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("sent %d times", n)
	}
}

func second(_ Setting, err error) error { return err }
