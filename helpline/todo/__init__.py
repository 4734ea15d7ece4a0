"""Human tasks: what software could not do and a person must see."""
