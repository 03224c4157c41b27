"""Everything that can change a policy. These files import nothing but each other, boto3 and the standard library."""
