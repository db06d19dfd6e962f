"""What happens to an image between its commit and its users: started, attested, verified, built twice."""
