"""The Lambda function that merges statements into a policy. Runs alone: boto3 and the files of this directory."""
