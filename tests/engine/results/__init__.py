"""What a build gives back: platforms, attestations, caches, and builds of many targets on many machines."""
