package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// The IAM actions of the calls that are made.
const (
	actionDescribeInstances = "ec2:DescribeInstances"
	actionDescribeRegions   = "ec2:DescribeRegions"
	actionListMetrics       = "cloudwatch:ListMetrics"
	actionGetMetricData     = "cloudwatch:GetMetricData"
)

// Policy is the smallest IAM policy that the monitor works with. None of the
// actions takes a narrower resource.
const Policy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ImdsscanMonitorReadsMetrics",
      "Effect": "Allow",
      "Action": [
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "ec2:DescribeInstances",
        "ec2:DescribeRegions"
      ],
      "Resource": "*"
    }
  ]
}
`

// What the services call their errors.
var (
	deniedCodes  = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
	expiredCodes = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
	keyCodes     = []string{"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidAccessKeyId",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken"}
	throttleCodes = []string{"Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled", "TooManyRequestsException", "LimitExceeded"}
)

// explain says in words why a call failed and what to do. credentials tells
// that no other call will do better.
func explain(err error, action, region string) (p evidence.Problem, credentials bool) {
	p = evidence.Problem{Region: region, Action: action}
	var dns *net.DNSError
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		code := api.ErrorCode()
		switch {
		case slices.Contains(deniedCodes, code):
			p.Reason = "the AWS credentials lack the permission " + action
			p.Remedy = "imdsscan monitor --print-iam-policy prints what is needed."
		case slices.Contains(expiredCodes, code):
			p.Reason = "the AWS credentials have expired (" + code + ")"
			p.Remedy = "Sign in again: aws sso login, or new session credentials. If they are fresh, check this machine's clock."
			credentials = true
		case slices.Contains(keyCodes, code):
			p.Reason = "AWS does not accept the credentials (" + code + ")"
			p.Remedy = "Check the access key or profile, and that the account has enabled the region."
			credentials = true
		case code == "OptInRequired":
			p.Reason = "the account has not enabled the region (" + code + ")"
			p.Remedy = "Leave it out of --region."
		case slices.Contains(throttleCodes, code):
			p.Reason = "AWS throttled the calls again and again (" + code + ")"
			p.Remedy = "Run it again later, or for fewer regions."
		default:
			p.Reason = fmt.Sprintf("AWS answered %s: %s", code, oneLine(api.ErrorMessage()))
		}
	case errors.As(err, &dns):
		p.Reason = "the endpoint " + dns.Name + " was not found"
		p.Remedy = "Check the name of the region, and this machine's way to the network."
	case errors.Is(err, context.DeadlineExceeded):
		p.Reason = fmt.Sprintf("AWS did not answer within %s", callTimeout)
	default:
		p.Reason = "the call failed: " + oneLine(inner(err))
	}
	return p, credentials
}

// refuse says why there are no credentials, or no configuration.
func (s *Session) refuse(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var missing config.SharedConfigProfileNotExistError
	var mfa config.AssumeRoleTokenProviderNotSetError
	text := err.Error()
	switch {
	case errors.As(err, &missing):
		return &Refusal{fmt.Sprintf("the AWS configuration has no profile %q", missing.Profile), "aws configure list-profiles lists them."}
	case errors.As(err, &mfa):
		return &Refusal{"the AWS profile asks for an MFA code, and there is no terminal to ask for it", "Run it from a terminal, or with session credentials (aws sts get-session-token)."}
	case strings.Contains(text, "IMDS") || strings.Contains(text, "EC2 role"):
		return &Refusal{"no AWS credentials were found",
			"Sign in with the AWS CLI (aws sso login, aws configure) and name the profile with --aws-profile, or set AWS_ACCESS_KEY_ID and\n" +
				"AWS_SECRET_ACCESS_KEY. On an EC2 instance, --ec2-role takes the instance's role; this machine's metadata service is not asked without it."}
	case strings.Contains(text, "SSO") || strings.Contains(text, "sso"):
		return &Refusal{"the AWS sign-in is missing or has expired: " + oneLine(inner(err)), "Sign in again: aws sso login" + profileFlag(s.o.Profile)}
	}
	return &Refusal{"the AWS credentials could not be read: " + oneLine(inner(err)), "Check the AWS configuration (~/.aws/config, AWS_* variables), or name another profile with --aws-profile."}
}

func profileFlag(profile string) string {
	if profile == "" {
		return ""
	}
	return " --profile " + profile
}

// inner is the text of the error without the SDK's wrapping of the operation.
func inner(err error) string {
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return op.Unwrap().Error()
	}
	return err.Error()
}

// oneLine keeps a message of the service to a line of bearable length: some
// carry an encoded blob.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}
