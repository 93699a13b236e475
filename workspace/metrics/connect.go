// Package metrics reads from CloudWatch which instances still call the
// metadata service without a session token, and from EC2's tags whose they are.
//
// It only reads: ListMetrics, GetMetricData, DescribeInstances, DescribeRegions.
// The AWS SDK would by itself ask the metadata service of the machine it runs on
// for credentials. That is refused here unless the user wants it (EC2Role): a
// program that looks for such calls makes none of its own.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
)

// Options say whom to ask, and as whom.
type Options struct {
	Regions []string // empty: the one that the AWS configuration names; "all": every enabled one
	Profile string   // of the AWS configuration; empty: AWS_PROFILE, or the default one
	EC2Role bool     // credentials may come from this machine's metadata service
	Version string   // of this program, for the user agent
	Now     func() time.Time
	// Code asks the user for the code that a profile with MFA needs; nil when
	// there is nobody to ask.
	Code func() (string, error)
	// Progress is told what is read, if set.
	Progress func(string)
	Known    Directory
}

// AllRegions stands for every region that the account has enabled.
const AllRegions = "all"

// Session is a checked way to AWS. It remembers instances between looks, so that
// one that ends meanwhile is still attributed.
type Session struct {
	o       Options
	cfg     aws.Config
	regions []string
	seen    map[string]instance
}

// Refusal is an error of configuration or credentials, with the way out.
type Refusal struct{ Reason, Remedy string }

func (r *Refusal) Error() string {
	if r.Remedy == "" {
		return r.Reason
	}
	return r.Reason + "\n" + r.Remedy
}

const (
	// A call that has not answered by then has failed; each is retried.
	callTimeout = time.Minute
	// Attempts a call when it is throttled or fails, unless AWS_MAX_ATTEMPTS
	// says another number: with the SDK's pauses (20 s at most) two minutes.
	attempts = 8
)

var regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

// Connect finds credentials and regions. Its error is a *Refusal, or the
// context's.
func Connect(ctx context.Context, o Options) (*Session, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	for _, r := range o.Regions {
		if r != AllRegions && !regionName.MatchString(r) {
			return nil, &Refusal{fmt.Sprintf("%q is not the name of an AWS region", r), "Names are like eu-central-1; --region all takes every enabled one."}
		}
	}
	s := &Session{o: o, seen: map[string]instance{}}
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(callTimeout)),
		config.WithRetryer(retryer),
		config.WithAppID("imdsscan-" + o.Version),
		config.WithLogger(logging.Nop{}), // what matters comes as an error
	}
	if o.Code != nil {
		load = append(load, config.WithAssumeRoleCredentialOptions(func(r *stscreds.AssumeRoleOptions) { r.TokenProvider = o.Code }))
	}
	if o.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.Profile))
	}
	if len(o.Regions) > 0 && o.Regions[0] != AllRegions {
		load = append(load, config.WithRegion(o.Regions[0]))
	}
	load = append(load, metadataService(o.EC2Role)...)
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, s.refuse(ctx, err)
	}
	s.cfg = cfg
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, s.refuse(ctx, err)
	}
	return s, s.findRegions(ctx)
}

// metadataService switches the SDK's own use of the metadata service off, or
// allows it with tokens only: the SDK would fall back to calls without one.
func metadataService(allowed bool) []func(*config.LoadOptions) error {
	off := config.WithEC2IMDSClientEnableState(imds.ClientDisabled)
	if !allowed {
		return []func(*config.LoadOptions) error{off}
	}
	client := imds.New(imds.Options{EnableFallback: aws.FalseTernary})
	return []func(*config.LoadOptions) error{
		off, // every client but this one
		config.WithEC2RoleCredentialOptions(func(r *ec2rolecreds.Options) { r.Client = client }),
		config.WithEC2IMDSRegion(func(r *config.UseEC2IMDSRegion) { r.Client = client }),
	}
}

// retryer tries again what may pass, not credentials that have expired: the SDK
// takes those for a wrong clock and would ask for a minute.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		expired := retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			var api smithy.APIError
			if errors.As(err, &api) && slices.Contains(expiredCodes, api.ErrorCode()) {
				return aws.FalseTernary
			}
			return aws.UnknownTernary
		})
		o.Retryables = append([]retry.IsErrorRetryable{expired}, o.Retryables...)
	})
}

// findRegions settles which regions are asked.
func (s *Session) findRegions(ctx context.Context) error {
	if !slices.Contains(s.o.Regions, AllRegions) {
		s.regions = s.o.Regions
		if len(s.regions) == 0 && s.cfg.Region != "" {
			s.regions = []string{s.cfg.Region}
		}
		if len(s.regions) == 0 {
			return &Refusal{"no AWS region is configured", "Give the workspace's region with --region, or set AWS_REGION, or region in the AWS profile."}
		}
		slices.Sort(s.regions)
		s.regions = slices.Compact(s.regions)
		return nil
	}
	if s.cfg.Region == "" {
		s.cfg.Region = "us-east-1" // any region knows the others
	}
	out, err := ec2.NewFromConfig(s.cfg).DescribeRegions(ctx, &ec2.DescribeRegionsInput{})
	if err != nil {
		p, _ := explain(err, actionDescribeRegions, "")
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Refusal{"the regions could not be listed: " + p.Reason, p.Remedy}
	}
	for _, r := range out.Regions {
		s.regions = append(s.regions, aws.ToString(r.RegionName))
	}
	slices.Sort(s.regions)
	return nil
}

// in is the configuration for a region.
func (s *Session) in(region string) aws.Config {
	cfg := s.cfg.Copy()
	cfg.Region = region
	return cfg
}
