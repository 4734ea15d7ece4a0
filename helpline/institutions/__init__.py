"""Where children live: institutions, who answers for each place, and placements."""
