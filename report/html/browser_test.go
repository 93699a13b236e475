package html

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browser is a Chromium that can reach nothing but files.
type browser struct {
	ctx context.Context
	mu  sync.Mutex
	// asked are the addresses that pages asked for, said what they wrote to
	// the console.
	asked, said []string
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("chromium is not installed")
	return ""
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(chromium(t)),
		// A proxy that is not there, and no names: no request can leave.
		chromedp.Flag("proxy-server", "http://127.0.0.1:9"), chromedp.Flag("proxy-bypass-list", "<-loopback>"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, done := chromedp.NewContext(ctx)
	t.Cleanup(done)
	b := &browser{ctx: ctx}
	if err := chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*network.EventRequestWillBeSent); ok {
			b.mu.Lock()
			b.asked = append(b.asked, e.Request.URL)
			b.mu.Unlock()
		}
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	console := chromedp.Console(ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.said = append(b.said, m.String())
			b.mu.Unlock()
		}
	}()
	return b
}

// look is how the page is looked at.
type look struct {
	width int64
	dark  bool
	noJS  bool
}

// open opens the page from a file, as its reader does.
func (b *browser) open(t *testing.T, text string, l look) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "readiness.html")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	b.openFile(t, file, l)
}

func (b *browser) openFile(t *testing.T, file string, l look) {
	t.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	if l.width == 0 {
		l.width = 1360
	}
	set := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: 900, DeviceScaleFactor: 1, Mobile: l.width < 600})
	set(err)
	_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	set(err)
	_, err = chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noJS})
	set(err)
	b.mu.Lock()
	b.asked, b.said = nil, nil
	b.mu.Unlock()
	set(chromedp.Do(b.ctx, chromedp.Navigate((&url.URL{Scheme: "file", Path: file}).String())))
}

// eval is what a script in the page's console gives.
func eval[T any](t *testing.T, b *browser, js string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// eventually waits until the script gives true.
func (b *browser) eventually(t *testing.T, what, js string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if eval[bool](t, b, js) {
			return
		}
		if time.Now().After(end) {
			t.Error(what)
			return
		}
	}
}

// quiet fails when the page asked for anything but itself, or complained.
func (b *browser) quiet(t *testing.T) {
	t.Helper()
	time.Sleep(100 * time.Millisecond) // what was caused arrives a little later
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.asked) != 1 || !strings.HasPrefix(b.asked[0], "file:") {
		t.Errorf("the page asked for %q", b.asked)
	}
	if len(b.said) > 0 {
		t.Errorf("the console says %q", b.said)
	}
}

// TestScreenshots writes pictures for a person to look at: SHOTS is a list of
// FILE,SELECTOR,WIDTH,light|dark|nojs|print,SCRIPT separated by semicolons, PAGE
// the page.
func TestScreenshots(t *testing.T) {
	spec := os.Getenv("SHOTS")
	if spec == "" {
		t.Skip("SHOTS names no picture to take")
	}
	b := newBrowser(t)
	for s := range strings.SplitSeq(spec, ";") {
		p := append(strings.SplitN(s, ",", 5), "", "", "")
		width := int64(1360)
		if p[2] == "360" {
			width = 360
		}
		b.openFile(t, os.Getenv("PAGE"), look{width: width, dark: p[3] == "dark", noJS: p[3] == "nojs"})
		var picture []byte
		var err error
		if p[4] != "" {
			err = chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](p[4]))
		}
		if err == nil && p[3] == "print" {
			picture, err = chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground()))
		} else if err == nil {
			picture, err = chromedp.Run(b.ctx, chromedp.Screenshot(chromedp.CSS(p[1])))
		}
		if err != nil {
			t.Fatal(s, err)
		}
		if err := os.WriteFile(p[0], picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
