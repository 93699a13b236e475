package emulator

import (
	"cmp"
	"time"

	"github.com/databricks/databricks-sdk-go/service/sql"
)

// warehouse is a SQL warehouse and where it is on its way between states.
type warehouse struct {
	sql.EndpointInfo
	until time.Time // when it runs; zero when it is on no way
}

// AddWarehouse adds a SQL warehouse.
func (s *Server) AddWarehouse(w sql.EndpointInfo) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.Id == "" {
		w.Id = s.comp.newID("475b94ddc7cd%04x")
	}
	s.comp.warehouses = append(s.comp.warehouses, &warehouse{EndpointInfo: w})
	return w.Id
}

// SetWarehouseConfig sets what all SQL warehouses share.
func (s *Server) SetWarehouseConfig(c sql.GetWorkspaceWarehouseConfigResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.comp.sqlConfig = c
}

func (w *warehouse) settle(now time.Time) {
	if !w.until.IsZero() && !now.Before(w.until) {
		w.State, w.until = sql.StateRunning, time.Time{}
	}
}

// warehouseConfig is what all SQL warehouses share; for administrators. [sdk]
func warehouseConfig(c *call) error {
	if err := cmp.Or(c.adminOnly(), c.only()); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.json(c.comp.sqlConfig)
}

func listWarehouses(c *call) error {
	if err := c.only("page_size", "page_token", "run_as_user_id"); err != nil {
		return err
	}
	size, err := c.number("page_size", 100, 1, 1000)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	some, next, err := page("warehouses", c.comp.warehouses, c.query.Get("page_token"), size)
	if err != nil {
		return err
	}
	var list []any
	for _, w := range some {
		w.settle(c.opt.Now())
		list = append(list, w.EndpointInfo)
	}
	return c.json(answer("warehouses", list, next))
}

// changeWarehouse changes a warehouse that the caller may use.
func (c *call) changeWarehouse(change func(*warehouse)) error {
	var body struct{}
	if err := c.decode(&body); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.comp.warehouses {
		if w.Id == c.params["id"] {
			w.settle(c.opt.Now())
			change(w)
			return c.json(struct{}{})
		}
	}
	return missing("SQL warehouse %s does not exist.", c.params["id"])
}

// stopWarehouse stops a warehouse; of one that does not run nothing happens. [sdk]
func stopWarehouse(c *call) error {
	return c.changeWarehouse(func(w *warehouse) { w.State, w.until, w.NumClusters = sql.StateStopped, time.Time{}, 0 })
}

// startWarehouse starts a warehouse that is stopped. [sdk]
func startWarehouse(c *call) error {
	return c.changeWarehouse(func(w *warehouse) {
		if w.State == sql.StateStopped {
			w.State, w.until, w.NumClusters = sql.StateStarting, c.opt.Now().Add(c.opt.RestartTime), 1
		}
	})
}
