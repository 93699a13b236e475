package aws

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func server(t *testing.T, o Options) *Server {
	t.Helper()
	o.Now = func() time.Time { return now }
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// call sends a form, signed for the service by name only.
func send(t *testing.T, s *Server, service, key, form string, header ...string) (int, string) {
	t.Helper()
	version := versions[service]
	if strings.Contains(form, "Version=") {
		version = ""
	}
	body := form
	if version != "" {
		body += "&Version=" + version
	}
	r, err := http.NewRequest("POST", s.URL()+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261127/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=00")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}

const oneQuery = "&MetricDataQueries.member.1.Id=a&MetricDataQueries.member.1.MetricStat.Stat=Sum&MetricDataQueries.member.1.MetricStat.Period=60" +
	"&MetricDataQueries.member.1.MetricStat.Metric.Namespace=AWS%2FEC2&MetricDataQueries.member.1.MetricStat.Metric.MetricName=M" +
	"&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=InstanceId&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value=i-1"

const data = "Action=GetMetricData&StartTime=2026-11-27T10:00:00Z&EndTime=2026-11-27T12:00:00Z"

func TestStrict(t *testing.T) {
	s := server(t, Options{})
	s.AddInstance(Instance{ID: "i-1"})
	long := "Action=DescribeInstances&Filter.1.Name=instance-id"
	for i := range 201 {
		long += fmt.Sprintf("&Filter.1.Value.%d=i-%d", i+1, i)
	}
	list := "Action=ListMetrics&Namespace=AWS%2FEC2&Dimensions.member.1.Name=InstanceId"
	for _, c := range []struct{ service, form, want string }{
		{"ec2", "Action=DescribeInstances", "DescribeInstancesResponse"},
		{"ec2", "Action=RunInstances", "<Code>InvalidAction<"},
		{"ec2", "Action=ListMetrics", "<Code>InvalidAction<"},
		{"ec2", "Action=DescribeInstances&Version=2010-08-01", "<Code>InvalidParameterValue<"},
		{"ec2", "Action=DescribeInstances&Maxresults=5", "<Code>UnknownParameter</Code><Message>The parameter Maxresults "},
		{"ec2", "Action=DescribeInstances&MaxResults=4", "<Code>InvalidParameterValue<"},
		{"ec2", "Action=DescribeInstances&MaxResults=5&InstanceId.1=i-1", "<Code>InvalidParameterCombination<"},
		{"ec2", "Action=DescribeInstances&InstanceId.1=i-2", "<Code>InvalidInstanceID.NotFound<"},
		{"ec2", "Action=DescribeInstances&Filter.1.Name=colour&Filter.1.Value.1=red", "<Code>InvalidParameterValue<"},
		{"ec2", "Action=DescribeInstances&NextToken=abc", "<Code>InvalidNextToken<"},
		{"ec2", long, "<Code>FilterLimitExceeded<"},
		{"monitoring", list, "ListMetricsResponse"},
		{"monitoring", list + "&RecentlyActive=PT1H", "<Code>InvalidParameterValue<"},
		{"monitoring", list + "&Colour=red", "<Code>ValidationError<"},
		{"monitoring", data + oneQuery, "<StatusCode>Complete<"},
		{"monitoring", data, "<Code>MissingParameter<"},
		{"monitoring", strings.Replace(data, "T12:", "T09:", 1) + oneQuery, "<Code>ValidationError<"},
		{"monitoring", data + strings.Replace(oneQuery, "Id=a", "Id=A", 1), "<Code>ValidationError<"},
		{"monitoring", data + strings.Replace(oneQuery, "Period=60", "Period=61", 1), "<Code>ValidationError<"},
		{"monitoring", data + strings.Replace(oneQuery, "Stat=Sum", "Stat=Total", 1), "<Code>ValidationError<"},
		{"monitoring", data + oneQuery + "&NextToken=" + url.QueryEscape(pageToken("metrics/", 1)), "<Code>InvalidNextToken<"},
	} {
		if _, body := send(t, s, c.service, "AKIAEXAMPLE", c.form); !strings.Contains(body, c.want) {
			t.Errorf("%.90s\nwant %s in %s", c.form, c.want, body)
		}
	}
	if status, body := send(t, s, "ec2", "AKIAOTHER", "Action=DescribeRegions"); status != 401 || !strings.Contains(body, "AuthFailure") {
		t.Errorf("%d %s", status, body)
	}
	if status, body := send(t, s, "monitoring", "AKIAOTHER", data); status != 403 || !strings.Contains(body, "InvalidClientTokenId") {
		t.Errorf("%d %s", status, body)
	}
	if status, body := send(t, s, "ec2", "AKIAEXAMPLE", "Action=DescribeRegions", "Authorization", ""); status != 403 || !strings.Contains(body, "MissingAuthenticationToken") {
		t.Errorf("%d %s", status, body)
	}
}

// Old points are kept for longer periods only, and in the order asked for.
func TestRetention(t *testing.T) {
	s := server(t, Options{})
	s.AddInstance(Instance{ID: "i-1"})
	s.Count("i-1", "M", now.Add(-16*day), 1)
	s.Count("i-1", "M", now.Add(-16*day+5*time.Minute), 2)
	s.Count("i-1", "M", now.Add(-time.Hour), 4)
	for _, c := range []struct {
		period, order string
		want          string
	}{{"60", "Ascending", "4"}, {"300", "Ascending", "1 2 4"}, {"3600", "Ascending", "3 4"}, {"3600", "Descending", "4 3"}} {
		form := "Action=GetMetricData&StartTime=2026-11-01T00:00:00Z&EndTime=2026-11-27T12:00:00Z&ScanBy=Timestamp" + c.order + strings.Replace(oneQuery, "Period=60", "Period="+c.period, 1)
		_, body := send(t, s, "monitoring", "AKIAEXAMPLE", form)
		var got []string
		_, values, _ := strings.Cut(body, "<Values>")
		values, _, _ = strings.Cut(values, "</Values>")
		for _, v := range strings.Split(values, "<member>")[1:] {
			got = append(got, strings.TrimSuffix(v, "</member>"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("period %s: %s, want %s", c.period, got, c.want)
		}
	}
}

func TestForgets(t *testing.T) {
	s := server(t, Options{})
	s.AddInstance(Instance{ID: "i-ended", Terminated: now.Add(-30 * time.Minute)})
	s.AddInstance(Instance{ID: "i-gone", Terminated: now.Add(-2 * time.Hour)})
	_, body := send(t, s, "ec2", "AKIAEXAMPLE", "Action=DescribeInstances")
	if !strings.Contains(body, "<name>terminated</name>") || strings.Contains(body, "i-gone") {
		t.Error(body)
	}
}
