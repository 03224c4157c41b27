"""The command `iconik-construct`: one file per subcommand. Imports all packages; no package imports it."""
