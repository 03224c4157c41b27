"""The proof of what the synthesized policies allow and deny. Development only, never shipped."""
