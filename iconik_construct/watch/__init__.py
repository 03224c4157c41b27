"""`IconikWatch`: a daily and event-driven check of merged policies, with alarms."""
