package emulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// confState are those of workspace-conf. A key without a value was never set.
type confState struct {
	values  map[string]*string
	delay   time.Duration
	ignored bool
	waiting []setting
}

// setting is a change that has not taken effect yet.
type setting struct {
	values map[string]string
	at     time.Time
}

// confKeys are the keys that the workspace knows. [tf: exporter]
var confKeys = []string{"enableDbfsFileBrowser", "enableDcs", "enableEnforceImdsV2", "enableExportNotebook", "enableIpAccessLists",
	"enableNotebookTableClipboard", "enableResultsDownloading", "enableTokensConfig", "enableUploadDataUis", "enableVerboseAuditLogs",
	"enableWebTerminal", "enableWorkspaceFilesystem", "maxTokenLifetimeDays", "storeInteractiveNotebookResultsInCustomerAccount"}

// SetConf sets a key as if it had always been so.
func (s *Server) SetConf(key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conf.set(map[string]string{key: value})
}

// Conf is the value of a key; false when it was never set.
func (s *Server) Conf(key string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conf.settle(s.opt.Now())
	if v := s.conf.values[key]; v != nil {
		return *v, true
	}
	return "", false
}

// DelayConf lets changes of settings take effect later, or never when d is
// negative; the service says yes all the same.
func (s *Server) DelayConf(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conf.delay, s.conf.ignored = d, d < 0
}

func (s *confState) set(values map[string]string) {
	if s.values == nil {
		s.values = map[string]*string{}
	}
	for k, v := range values {
		s.values[k] = &v
	}
}

func (s *confState) settle(now time.Time) {
	for len(s.waiting) > 0 && !now.Before(s.waiting[0].at) {
		s.set(s.waiting[0].values)
		s.waiting = s.waiting[1:]
	}
}

// invalidKeys refuses keys that the workspace does not have; one is enough to
// fail the call. The enforcement of IMDSv2 exists on AWS only. [facts]
func (c *call) invalidKeys(keys []string) error {
	var bad []string
	for _, k := range keys {
		if !slices.Contains(confKeys, k) || k == "enableEnforceImdsV2" && c.opt.Cloud != "AWS" {
			bad = append(bad, k)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	b, _ := json.Marshal(bad)
	return &apiError{http.StatusBadRequest, "BAD_REQUEST", "Invalid keys: " + string(b), ""}
}

// getConf gives settings; null for one that was never set.
func getConf(c *call) error {
	if err := c.adminOnly(); err != nil {
		return err
	}
	if err := c.only("keys"); err != nil {
		return err
	}
	keys := strings.Split(c.query.Get("keys"), ",")
	if err := c.invalidKeys(keys); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conf.settle(c.opt.Now())
	answer := map[string]*string{}
	for _, k := range keys {
		answer[k] = c.conf.values[k]
	}
	return c.json(answer)
}

// setConf changes settings. Values are strings.
func setConf(c *call) error {
	if err := c.adminOnly(); err != nil {
		return err
	}
	if err := c.only(); err != nil {
		return err
	}
	var body map[string]string
	if err := json.Unmarshal(c.body, &body); err != nil {
		return malformed("Could not parse request object: %s", err)
	}
	if err := c.invalidKeys(slices.Sorted(maps.Keys(body))); err != nil {
		return err
	}
	bad := map[string]string{}
	for k, v := range body {
		if strings.HasPrefix(k, "enable") && v != "true" && v != "false" {
			bad[k] = v
		}
	}
	if len(bad) > 0 {
		b, _ := json.Marshal(bad)
		return &apiError{http.StatusBadRequest, "BAD_REQUEST", "Some values are not allowed: " + string(b), ""}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.conf.ignored {
		now := c.opt.Now()
		c.conf.waiting = append(c.conf.waiting, setting{body, now.Add(c.conf.delay)})
		c.conf.settle(now)
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
