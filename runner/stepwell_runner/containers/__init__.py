"""What speaks to a container engine: Docker, or another that answers to Docker's interface."""
