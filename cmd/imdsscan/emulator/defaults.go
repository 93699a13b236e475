package emulator

const accountID = "123456789012"

// DefaultTree is the data of an invented instance. The shapes are those of
// the real service; the names and keys are documentation examples.
func DefaultTree() *Tree {
	const (
		role = "databricks-worker"
		mac  = "06:1b:2c:3d:4e:5f"
		nic  = "network/interfaces/macs/" + mac + "/"
	)
	credentials := `{
  "Code" : "Success",
  "LastUpdated" : "2026-01-15T08:30:00Z",
  "Type" : "AWS-HMAC",
  "AccessKeyId" : "ASIAIOSFODNN7EXAMPLE",
  "SecretAccessKey" : "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "Token" : "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVzLXdlc3QtMg==",
  "Expiration" : "2037-12-31T23:59:59Z"
}`
	meta := map[string]string{
		"ami-id":                           "ami-0abcdef1234567890",
		"ami-launch-index":                 "0",
		"ami-manifest-path":                "(unknown)",
		"block-device-mapping/ami":         "/dev/xvda",
		"block-device-mapping/root":        "/dev/xvda",
		"events/maintenance/history":       "[]",
		"events/maintenance/scheduled":     "[]",
		"hostname":                         "ip-10-0-12-34.us-west-2.compute.internal",
		"iam/info":                         "{\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"2026-01-15T08:30:00Z\",\n  \"InstanceProfileArn\" : \"arn:aws:iam::" + accountID + ":instance-profile/" + role + "\",\n  \"InstanceProfileId\" : \"AIPAEXAMPLEPROFILEID0\"\n}",
		"iam/security-credentials/" + role: credentials,
		"identity-credentials/ec2/info":    "{\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"2026-01-15T08:30:00Z\",\n  \"AccountId\" : \"" + accountID + "\"\n}",
		"identity-credentials/ec2/security-credentials/ec2-instance": credentials,
		"instance-action":                      "none",
		"instance-id":                          "i-0a1b2c3d4e5f67890",
		"instance-life-cycle":                  "on-demand",
		"instance-type":                        "m5.xlarge",
		"local-hostname":                       "ip-10-0-12-34.us-west-2.compute.internal",
		"local-ipv4":                           "10.0.12.34",
		"mac":                                  mac,
		"metrics/vhostmd":                      `<?xml version="1.0" encoding="UTF-8"?>`,
		nic + "device-number":                  "0",
		nic + "interface-id":                   "eni-0123456789abcdef0",
		nic + "ipv4-associations/203.0.113.25": "10.0.12.34",
		nic + "local-hostname":                 "ip-10-0-12-34.us-west-2.compute.internal",
		nic + "local-ipv4s":                    "10.0.12.34",
		nic + "mac":                            mac,
		nic + "owner-id":                       accountID,
		nic + "public-hostname":                "ec2-203-0-113-25.us-west-2.compute.amazonaws.com",
		nic + "public-ipv4s":                   "203.0.113.25",
		nic + "security-group-ids":             "sg-0123456789abcdef0",
		nic + "security-groups":                "databricks-workers",
		nic + "subnet-id":                      "subnet-0123456789abcdef0",
		nic + "subnet-ipv4-cidr-block":         "10.0.12.0/24",
		nic + "vpc-id":                         "vpc-0123456789abcdef0",
		nic + "vpc-ipv4-cidr-block":            "10.0.0.0/16",
		nic + "vpc-ipv4-cidr-blocks":           "10.0.0.0/16",
		"placement/availability-zone":          "us-west-2b",
		"placement/availability-zone-id":       "usw2-az2",
		"placement/region":                     "us-west-2",
		"profile":                              "default-hvm",
		"public-hostname":                      "ec2-203-0-113-25.us-west-2.compute.amazonaws.com",
		"public-ipv4":                          "203.0.113.25",
		"public-keys/0/openssh-key":            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEKEYEXAMPLEKEYEXAMPLEKEYEXAMPLEKEY ops",
		"reservation-id":                       "r-0123456789abcdef0",
		"security-groups":                      "databricks-workers",
		"services/domain":                      "amazonaws.com",
		"services/partition":                   "aws",
		"system":                               "nitro",
		"tags/instance/Environment":            "staging",
		"tags/instance/Name":                   "etl-worker",
		"tags/instance/Vendor":                 "Databricks",
	}
	t := &Tree{
		values: map[string]string{
			identityDocument:                      "", // composed on demand
			"dynamic/instance-identity/pkcs7":     "MIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEFADCABgkqhkiG9w0BBwGggEXAMPLE",
			"dynamic/instance-identity/rsa2048":   "MIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEFADCABgkqhkiG9w0BBwGggEXAMPLE",
			"dynamic/instance-identity/signature": "ZXhhbXBsZSBzaWduYXR1cmUgb2YgYW4gaW52ZW50ZWQgaW5zdGFuY2U=",
			"dynamic/fws/instance-monitoring":     "disabled",
			"user-data":                           "#!/bin/bash\nexport CLUSTER_ENV=staging\nexport TEAM=data-platform\n",
		},
		lists: map[string]string{
			"meta-data/public-keys":   "0=ops",
			"meta-data/public-keys/0": "openssh-key",
		},
		composed: true,
	}
	for k, v := range meta {
		t.values["meta-data/"+k] = v
	}
	return t
}
