"""The places of the dashboard, one module each, and what is drilled into from them."""
