"""An S3 bucket made ready for iconik, and for no other iconik customer."""
