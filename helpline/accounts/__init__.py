"""Staff: sign-in, second factor, sessions, roles."""
