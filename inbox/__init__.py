"""How things arrive: SMTP, watched folder, and the unpacking of a mail. Imports nothing of ours."""
