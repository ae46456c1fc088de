"""The gateway of BuildKit: its gRPC service over stdin and stdout as Python methods, values and errors."""
