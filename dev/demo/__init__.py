"""`make demo`: deploys the sample to a local AWS, and shows what iconik and others may do there."""
