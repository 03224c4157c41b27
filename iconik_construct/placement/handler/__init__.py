"""The Lambda function that merges statements into a policy: `writer/` changes it, `advice/` evaluates it for iconik."""
