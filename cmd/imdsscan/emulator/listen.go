package emulator

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// Listen opens ADDRESS:PORT. An address that is not loopback would offer the
// emulator to other machines, or stand in for the real service on this one; it
// is opened only in a network namespace that is provably isolated.
func Listen(address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: want HOST:PORT, with brackets around an IPv6 host", address)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: the host must be an IP address", address)
	}
	if !ip.Unmap().IsLoopback() {
		if err := Isolated(); err != nil {
			return nil, fmt.Errorf("will not listen on %s: it is not a loopback address, and this network is not isolated: %w", address, err)
		}
	}
	return net.Listen("tcp", net.JoinHostPort(ip.String(), port))
}

// Isolated returns nil if nothing can leave the network namespace of this
// process: it has no interface but loopback, and no route over another one.
// What cannot be read counts as not isolated.
func Isolated() error {
	interfaces, err := net.Interfaces()
	if err != nil {
		return fmt.Errorf("cannot list the network interfaces: %w", err)
	}
	if len(interfaces) == 0 {
		return fmt.Errorf("no network interface is visible")
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback == 0 && !unusedTunnel(i) {
			return fmt.Errorf("it has the interface %s", i.Name)
		}
	}
	return onlyLoopbackRoutes()
}

// unusedTunnel knows the fallback devices that some kernels put into every new
// namespace. They cannot be removed; down and without an address they carry
// nothing.
func unusedTunnel(i net.Interface) bool {
	fallback := []string{"tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0"}
	if !slices.Contains(fallback, i.Name) || i.Flags&net.FlagUp != 0 {
		return false
	}
	addresses, err := i.Addrs()
	return err == nil && len(addresses) == 0
}

func onlyLoopbackRoutes() error {
	v4, err := readRoutes("/proc/self/net/route", true, 0)
	if err != nil {
		return fmt.Errorf("cannot read the routes: %w", err)
	}
	// A kernel without IPv6 has no such file, and no such routes.
	v6, err := readRoutes("/proc/self/net/ipv6_route", false, -1)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("cannot read the IPv6 routes: %w", err)
	}
	for _, name := range append(v4, v6...) {
		if name != "lo" {
			return fmt.Errorf("it has a route over %s", name)
		}
	}
	return nil
}

// readRoutes returns the interface of each route; column counts from the end
// if it is negative.
func readRoutes(file string, heading bool, column int) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var names []string
	lines := bufio.NewScanner(f)
	for first := true; lines.Scan(); first = false {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || first && heading {
			continue
		}
		at := column
		if at < 0 {
			at += len(fields)
		}
		names = append(names, fields[at])
	}
	return names, lines.Err()
}
