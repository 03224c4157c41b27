"""The Lambda function that registers a storage in iconik. Runs alone: boto3 and the files of this directory."""
