"""The Lambda function that registers a storage in iconik. It imports only boto3 and the files of this directory."""
