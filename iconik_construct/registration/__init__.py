"""The storage on iconik's side: created, verified and kept by the stack; the command line verifies alike."""
