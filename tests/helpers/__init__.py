"""What several tests use: small models, commands, a server that plays the Hub, pictures, and what a run leaves."""
