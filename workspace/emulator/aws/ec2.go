package aws

import (
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const ec2Space = "http://ec2.amazonaws.com/doc/2016-11-15/"

type xmlTag struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

type xmlInstance struct {
	ID    string `xml:"instanceId"`
	State struct {
		Code int    `xml:"code"`
		Name string `xml:"name"`
	} `xml:"instanceState"`
	Launched string   `xml:"launchTime"`
	Zone     string   `xml:"placement>availabilityZone"`
	Tags     []xmlTag `xml:"tagSet>item"`
	Metadata struct {
		State    string `xml:"state"`
		Tokens   string `xml:"httpTokens"`
		HopLimit int    `xml:"httpPutResponseHopLimit"`
		Endpoint string `xml:"httpEndpoint"`
	} `xml:"metadataOptions"`
}

type xmlReservation struct {
	ID        string        `xml:"reservationId"`
	Owner     string        `xml:"ownerId"`
	Instances []xmlInstance `xml:"instancesSet>item"`
}

type describeInstancesAnswer struct {
	XMLName      xml.Name         `xml:"DescribeInstancesResponse"`
	Space        string           `xml:"xmlns,attr"`
	ID           string           `xml:"requestId"`
	Reservations []xmlReservation `xml:"reservationSet>item"`
	Next         string           `xml:"nextToken,omitempty"`
}

// stateCodes are EC2's numbers of the states.
var stateCodes = map[string]int{"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

func (s *Server) describeInstances(c call) (any, *failure) {
	filters, fail := c.p.filters()
	if fail != nil {
		return nil, fail
	}
	ids := c.p.list("InstanceId")
	if len(ids) > 0 && c.p.has("MaxResults") {
		return nil, invalid("InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults")
	}
	size, fail := c.p.number("MaxResults", maxDescribed, 5, maxDescribed)
	if fail != nil {
		return nil, fail
	}
	if s.o.Page > 0 {
		size = min(size, s.o.Page)
	}
	now := s.o.Now()
	var found []*Instance
	for _, id := range s.order {
		in := s.instances[id]
		if in.Region == c.region && in.state(now) != "" && (len(ids) == 0 || slices.Contains(ids, id)) && matches(in, in.state(now), filters) {
			found = append(found, in)
		}
	}
	for _, id := range ids {
		if in := s.instances[id]; in == nil || in.Region != c.region || in.state(now) == "" {
			return nil, invalid("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", id)
		}
	}
	offset, fail := c.p.offset("instances", "InvalidNextToken", len(found))
	if fail != nil {
		return nil, fail
	}
	out := describeInstancesAnswer{Space: ec2Space, ID: requestID}
	end := min(offset+size, len(found))
	for _, in := range found[offset:end] {
		out.Reservations = append(out.Reservations, xmlReservation{ID: "r-" + strings.TrimPrefix(in.ID, "i-"), Owner: s.o.Account, Instances: []xmlInstance{in.xml(now)}})
	}
	if end < len(found) {
		out.Next = pageToken("instances", end)
	}
	return out, nil
}

func (in *Instance) xml(now time.Time) xmlInstance {
	x := xmlInstance{ID: in.ID, Launched: in.Launched.UTC().Format("2006-01-02T15:04:05.000Z"), Zone: in.Region + "a"}
	x.State.Name = in.state(now)
	x.State.Code = stateCodes[x.State.Name]
	for _, k := range slices.Sorted(maps.Keys(in.Tags)) {
		x.Tags = append(x.Tags, xmlTag{k, in.Tags[k]})
	}
	x.Metadata.State, x.Metadata.Tokens, x.Metadata.HopLimit, x.Metadata.Endpoint = "applied", in.Tokens, in.HopLimit, "enabled"
	return x
}

// filter is one condition; its values are alternatives.
type filter struct {
	name   string
	values []string
}

func (p *params) filters() ([]filter, *failure) {
	var out []filter
	for i := 1; p.any("Filter." + strconv.Itoa(i)); i++ {
		key := "Filter." + strconv.Itoa(i)
		f := filter{p.get(key + ".Name"), p.list(key + ".Value")}
		switch {
		case f.name != "instance-id" && f.name != "instance-state-name" && !strings.HasPrefix(f.name, "tag:") && f.name != "tag-key":
			return nil, invalid("InvalidParameterValue", "The filter '%s' is invalid", f.name)
		case len(f.values) == 0:
			return nil, invalid("InvalidParameterValue", "The filter '%s' has no value", f.name)
		case len(f.values) > maxFilter:
			return nil, invalid("FilterLimitExceeded", "The maximum number of filter values specified on a single call is %d", maxFilter)
		}
		out = append(out, f)
	}
	return out, nil
}

func matches(in *Instance, state string, filters []filter) bool {
	for _, f := range filters {
		var ok bool
		tag, isTag := strings.CutPrefix(f.name, "tag:")
		switch {
		case isTag:
			v, has := in.Tags[tag]
			ok = has && slices.Contains(f.values, v)
		case f.name == "tag-key":
			ok = slices.ContainsFunc(f.values, func(k string) bool { _, has := in.Tags[k]; return has })
		case f.name == "instance-id":
			ok = slices.Contains(f.values, in.ID)
		default:
			ok = slices.Contains(f.values, state)
		}
		if !ok {
			return false
		}
	}
	return true
}

type xmlRegion struct {
	Name     string `xml:"regionName"`
	Endpoint string `xml:"regionEndpoint"`
	OptIn    string `xml:"optInStatus"`
}

type describeRegionsAnswer struct {
	XMLName xml.Name    `xml:"DescribeRegionsResponse"`
	Space   string      `xml:"xmlns,attr"`
	ID      string      `xml:"requestId"`
	Regions []xmlRegion `xml:"regionInfo>item"`
}

func (s *Server) describeRegions(c call) (any, *failure) {
	out := describeRegionsAnswer{Space: ec2Space, ID: requestID}
	for _, r := range s.o.Regions {
		out.Regions = append(out.Regions, xmlRegion{r, "ec2." + r + ".amazonaws.com", "opt-in-not-required"})
	}
	return out, nil
}
