"""The command `iconik-construct`: one file a subcommand. May ask everything; nothing asks it."""
