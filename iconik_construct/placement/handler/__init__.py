"""The Lambda function that merges statements into a policy: `writer/` changes it, `advice/` says what it means."""
