"""Getting statements into the policy of a bucket or key that this app does not own: merged, taken over, handed over."""
