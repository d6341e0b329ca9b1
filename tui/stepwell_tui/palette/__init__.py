"""What `:` knows: everything that one can go to or do, and which of it a few typed letters mean."""
