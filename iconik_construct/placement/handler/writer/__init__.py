"""The code that can change a policy. It imports only its own files, boto3 and the standard library."""
