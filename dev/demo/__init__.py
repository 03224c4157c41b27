"""`make demo`: deploys the sample to a local AWS and shows what iconik may do there, and what nobody else may."""
