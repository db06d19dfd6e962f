"""What gunicorn and its workers need: slots, CPU affinity, graceful shutdown, logging and process metrics."""
