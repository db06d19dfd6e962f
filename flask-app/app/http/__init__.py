"""What wraps every request: instrumentation, the limits, errors, headers and the access log."""
